package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each resource of each overlay has the form of its kind. Kubernetes drops unknown fields silently; here they are errors. */
class ManifestsTest {

    private static final Path SCHEMAS = Path.of("src/test/resources/manifests/schemas");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, JsonSchema> schemas = new HashMap<>();

    @TestFactory
    Stream<DynamicTest> hasTheFormOfItsKind() {
        return Manifests.OVERLAYS.stream().flatMap(overlay -> Manifests.of(overlay).all().stream()
                .map(resource -> DynamicTest.dynamicTest(
                        overlay + " " + resource.get("kind") + " " + Manifests.name(resource),
                        () -> assertThat(problems(resource)).isEmpty())));
    }

    @Test
    void everyNameExistsOnce() {
        for (String overlay : Manifests.OVERLAYS) {
            assertThat(Manifests.of(overlay).all())
                    .extracting(resource -> resource.get("kind") + " " + Manifests.name(resource))
                    .doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Deployment, caravan-api, /spec/template/spec/containers/0/readinessProb",
        "KafkaTopic, orders, /spec/partition",
        "KafkaUser, caravan-api, /spec/authorization/acls/0/operation",
        "Cluster, caravan-db, /spec/postgresql/synchronous/durability",
        "ScaledObject, caravan-worker, /spec/triggers/0/metadata/lagTreshold",
        "CiliumNetworkPolicy, caravan, /spec/egres",
        "HTTPRoute, caravan, /spec/rules/0/timeout",
        "PodMonitor, caravan, /spec/podMetricsEndpoints/0/metricsPath"
    })
    void anUnknownFieldIsAnError(String kind, String name, String pointer) throws IOException {
        JsonNode resource = JSON.valueToTree(Manifests.of("production").one(kind, name));
        assertThat(problems(resource)).isEmpty();
        int last = pointer.lastIndexOf('/');

        ((ObjectNode) resource.at(pointer.substring(0, last))).put(pointer.substring(last + 1), "x");

        assertThat(problems(resource)).isNotEmpty();
    }

    @Test
    void thePrometheusRuleHasTheAlerts() throws IOException {
        Path rule = Path.of("deploy/components/observability/alerts.yaml");
        Path alerts = Path.of("deploy/prometheus/alerts.yml");
        if (Boolean.getBoolean("golden.update")) {
            String text = Files.readString(rule);
            String groups = Files.readString(alerts);
            Files.writeString(
                    rule,
                    text.substring(0, text.indexOf("spec:\n"))
                            + "spec:\n"
                            + groups.substring(groups.indexOf("groups:\n")).replaceAll("(?m)^(?=.)", "  "));
        }

        assertThat(Manifests.read(rule).all().get(0).get("spec"))
                .isEqualTo(Manifests.read(alerts).all().get(0));
    }

    private List<String> problems(Map<String, Object> resource) throws IOException {
        return problems(JSON.<JsonNode>valueToTree(resource));
    }

    private List<String> problems(JsonNode resource) throws IOException {
        String kind = resource.path("kind").asText() + "-"
                + resource.path("apiVersion").asText().replace('/', '-');
        if (!schemas.containsKey(kind)) {
            schemas.put(
                    kind,
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                            .getSchema(Files.readString(SCHEMAS.resolve(kind + ".json"))));
        }
        return schemas.get(kind).validate(resource).stream()
                .map(Object::toString)
                .toList();
    }
}
