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
    void namesAreUnique() {
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
        "ScheduledBackup, caravan-db, /spec/cron",
        "ObjectStore, caravan-db, /spec/configuration/s3Credentials/accessKey",
        "ScaledObject, caravan-worker, /spec/advanced/horizontalPodAutoscalerConfig/behaviour",
        "ScaledObject, caravan-worker, /spec/triggers/0/metadata/lagTreshold",
        "TriggerAuthentication, caravan-scaler, /spec/secretTargetRefs",
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

    /** What the projects' own types say, and what only the part written for this repository says. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Cluster | caravan-db | /spec/instances | 0",
                "Cluster | caravan-db | /spec/postgresql/synchronous/method | `\"all\"`",
                "Cluster | caravan-db | /spec/postgresql/synchronous/number | 0",
                "Cluster | caravan-db | /spec/postgresql/parameters/max_connections | 300",
                "Cluster | caravan-db | /spec/storage/size | `\"100\"`",
                "ScheduledBackup | caravan-db | /spec/method | `\"dump\"`",
                "ScheduledBackup | caravan-db | /spec/schedule | `\"0 2 * * *\"`",
                "ObjectStore | caravan-db | /spec/configuration/wal/compression | `\"zip\"`",
                "ObjectStore | caravan-db | /spec/configuration/destinationPath | `\"caravan-backup\"`",
                "ScaledObject | caravan-worker | /spec/maxReplicaCount | `\"12\"`",
                "ScaledObject | caravan-worker | /spec/fallback/behavior | `\"never\"`",
                "ScaledObject | caravan-worker | /spec/triggers/0/type | `\"kafak\"`",
                "ScaledObject | caravan-worker | /spec/triggers/0/metadata/lagThreshold | 1000",
                "TriggerAuthentication | caravan-scaler | /spec/secretTargetRef/0/key | 1",
                "TriggerAuthentication | caravan-scaler | /spec/secretTargetRef/0/parameter | `\"user\"`",
                "CiliumNetworkPolicy | caravan | /spec/ingress/0/toPorts/0/ports/0/port | 9876",
                "CiliumNetworkPolicy | caravan | /spec/ingress/0/toPorts/0/ports/0/protocol | `\"HTTP\"`",
                "CiliumNetworkPolicy | caravan | /spec/endpointSelector | `null`"
            })
    void aValueOfTheWrongTypeIsAnError(String kind, String name, String pointer, String value) throws IOException {
        JsonNode resource = JSON.valueToTree(Manifests.of("production").one(kind, name));
        assertThat(problems(resource)).isEmpty();
        int last = pointer.lastIndexOf('/');
        ObjectNode parent = (ObjectNode) resource.at(pointer.substring(0, last));
        assertThat(parent.has(pointer.substring(last + 1))).isTrue();

        parent.set(pointer.substring(last + 1), JSON.readTree(value));

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
