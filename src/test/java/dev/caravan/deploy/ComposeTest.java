package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docker-compose.yml}, without a Docker engine. */
class ComposeTest {

    private static final Map<String, Object> FILE =
            Manifests.read(Path.of("docker-compose.yml")).all().get(0);

    @Test
    void isAComposeFile() throws IOException {
        ObjectMapper json = new ObjectMapper();
        // With merge keys resolved. A named volume without options is null.
        JsonNode file = json.valueToTree(FILE);

        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                        .getSchema(Files.readString(Path.of("src/test/resources/manifests/schemas/compose.json")))
                        .validate(file))
                .isEmpty();
    }

    @Test
    void mountedFilesExist() {
        List<String> sources = new ArrayList<>();
        services().values().forEach(service -> {
            if (service.get("volumes") instanceof List<?> volumes) {
                volumes.forEach(volume -> sources.add(volume.toString().split(":")[0]));
            }
        });

        assertThat(sources).isNotEmpty().allSatisfy(source -> {
            if (source.startsWith(".")) {
                assertThat(Path.of(source)).exists();
            } else {
                assertThat(Manifests.map(FILE, "volumes")).containsKey(source);
            }
        });
    }

    @Test
    void publishesOnLoopbackOnly() {
        services().values().forEach(service -> {
            if (service.get("ports") instanceof List<?> ports) {
                assertThat(ports).allSatisfy(port -> assertThat(port.toString()).startsWith("127.0.0.1:"));
            }
        });
    }

    @Test
    void dependsOnServicesOfTheSameProfile() {
        services().forEach((name, service) -> {
            Object needed = service.get("depends_on");
            List<?> names = needed instanceof Map<?, ?> map
                    ? List.copyOf(map.keySet())
                    : needed instanceof List<?> list ? list : List.of();
            assertThat(names).as(name).allSatisfy(each -> assertThat(
                            services().get(each.toString()).get("profiles"))
                    .isEqualTo(service.get("profiles")));
        });
    }

    @Test
    void prometheusScrapesEachCaravanOfTheCluster() {
        Map<String, Object> scrape = Manifests.list(
                        Manifests.read(Path.of("deploy/compose/prometheus.yml"))
                                .all()
                                .get(0),
                        "scrape_configs")
                .get(0);

        assertThat((List<?>) Manifests.list(scrape, "static_configs").get(0).get("targets"))
                .extracting(Object::toString)
                .containsExactlyInAnyOrderElementsOf(services().entrySet().stream()
                        .filter(service -> service.getValue().containsKey("profiles"))
                        .filter(service -> service.getValue().get("environment") instanceof Map<?, ?> environment
                                && environment.containsKey("ROLE"))
                        .map(service -> service.getKey() + ":9876")
                        .toList());
    }

    private static Map<String, Map<String, Object>> services() {
        Map<String, Object> services = Manifests.map(FILE, "services");
        return services.keySet().stream()
                .collect(Collectors.toMap(name -> name, name -> Manifests.map(services, name)));
    }
}
