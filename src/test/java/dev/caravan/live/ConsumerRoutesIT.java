package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.Records;
import dev.caravan.support.Running;
import dev.caravan.support.Running.Program;
import dev.caravan.support.UserRoutes;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Edits are rejected if a consumer would share retry topics with another one, or could not process retried records. */
@ExtendWith(Running.class)
class ConsumerRoutesIT {

    /** Sorted before the shipped files. */
    private static final String FILE = "another.camel.yaml";

    private Program program;

    @BeforeEach
    void setProgram(Program program) {
        this.program = program;
    }

    @AfterEach
    void remove() throws Exception {
        Files.deleteIfExists(program.routes().resolve(FILE));
        await().until(() -> file().isMissingNode());
    }

    @Test
    void twoConsumersOfATopicWithTheSameGroupAreRejected() throws Exception {
        save(UserRoutes.consumer("second", "{{orders.topic}}", "- log: { message: second }\n")
                .replace(
                        "groupId: \"{{kafka.consumer.group.id}}-second\"",
                        "groupId: \"{{kafka.consumer.group.id}}-orders\""));

        await().untilAsserted(() -> {
            assertThat(file().path("state").asText()).isEqualTo("rejected");
            assertThat(file().path("error").path("reason").asText())
                    .contains("orders-consume", "the topic orders as orders already", "another groupId");
            assertThat(file().path("error").path("line").asInt()).isEqualTo(8);
        });
    }

    @Test
    void aConsumerWithoutItsProcessingRouteIsRejected() throws Exception {
        save(UserRoutes.consumer("second", "{{orders.topic}}", "- log: { message: second }\n")
                .replace("groupId: \"{{kafka.consumer.group.id}}-second\"", "groupId: reports"));

        await().untilAsserted(() -> {
            assertThat(file().path("state").asText()).isEqualTo("rejected");
            assertThat(file().path("error").path("reason").asText()).contains("direct:reports-process");
            assertThat(file().path("error").path("line").asInt()).isEqualTo(8);
        });
    }

    @Test
    void aConsumerWithoutAGroupIsRejected() throws Exception {
        save(UserRoutes.consumer("second", "{{orders.topic}}", "- log: { message: second }\n")
                .replaceAll("(?m)^ *parameters:.*\n", ""));

        await().untilAsserted(() -> {
            assertThat(file().path("state").asText()).isEqualTo("rejected");
            assertThat(file().path("error").path("reason").asText()).contains("groupId");
        });
    }

    @Test
    void theTopicsOfANewConsumerAreCreated() throws Exception {
        save(UserRoutes.consumer("second", "parcels", "- log: { message: second }\n"));

        await().until(() -> file().path("state").asText().equals("live"));

        Records records = program.records();
        for (String topic : new String[] {"parcels", "parcels-retry-1", "parcels-retry-3", "parcels-dlq"}) {
            assertThat(records.partitions(topic)).isEqualTo(3);
        }
    }

    private void save(String text) throws Exception {
        Path next = Files.createTempFile("caravan", ".yaml");
        Files.writeString(next, text);
        Files.move(next, program.routes().resolve(FILE));
    }

    private JsonNode file() {
        for (JsonNode each : program.http().get("/api/v1/routes").json().path("files")) {
            if (each.path("name").asText().equals(FILE)) {
                return each;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }
}
