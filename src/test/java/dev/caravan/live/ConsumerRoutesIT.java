package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Records;
import dev.caravan.support.UserRoutes;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Edits are rejected if a consumer would share retry topics with another one, or could not process retried records. */
@ExtendWith(CaravanExtension.class)
class ConsumerRoutesIT {

    /** Sorted before the shipped files. */
    private static final String FILE = "another.camel.yaml";

    private Program program;
    private LiveRoutes live;

    @BeforeEach
    void setProgram(Program program) {
        this.program = program;
        live = new LiveRoutes(program);
    }

    @AfterEach
    void remove() throws Exception {
        Files.deleteIfExists(program.routes().resolve(FILE));
        await().until(() -> live.file(FILE).isMissingNode());
    }

    @Test
    void twoConsumersOfATopicWithTheSameGroupAreRejected() throws Exception {
        live.save(
                FILE,
                UserRoutes.consumer("second", "{{orders.topic}}", "- log: { message: second }\n")
                        .replace(
                                "groupId: \"{{kafka.consumer.group.id}}-second\"",
                                "groupId: \"{{kafka.consumer.group.id}}-orders\""));

        await().untilAsserted(() -> {
            assertThat(live.file(FILE).path("state").asText()).isEqualTo("rejected");
            assertThat(live.file(FILE).path("error").path("reason").asText())
                    .contains("orders-consume", "the topic orders as orders already", "another groupId");
            assertThat(live.file(FILE).path("error").path("line").asInt()).isEqualTo(8);
        });
    }

    @Test
    void aConsumerWithoutItsProcessingRouteIsRejected() throws Exception {
        live.save(
                FILE,
                UserRoutes.consumer("second", "{{orders.topic}}", "- log: { message: second }\n")
                        .replace("groupId: \"{{kafka.consumer.group.id}}-second\"", "groupId: reports"));

        await().untilAsserted(() -> {
            assertThat(live.file(FILE).path("state").asText()).isEqualTo("rejected");
            assertThat(live.file(FILE).path("error").path("reason").asText()).contains("direct:reports-process");
            assertThat(live.file(FILE).path("error").path("line").asInt()).isEqualTo(8);
        });
    }

    @Test
    void aConsumerWithoutAGroupIsRejected() throws Exception {
        live.save(
                FILE,
                UserRoutes.consumer("second", "{{orders.topic}}", "- log: { message: second }\n")
                        .replaceAll("(?m)^ *parameters:.*\n", ""));

        await().untilAsserted(() -> {
            assertThat(live.file(FILE).path("state").asText()).isEqualTo("rejected");
            assertThat(live.file(FILE).path("error").path("reason").asText()).contains("groupId");
        });
    }

    @Test
    void theTopicsOfANewConsumerAreCreated() throws Exception {
        live.save(FILE, UserRoutes.consumer("second", "parcels", "- log: { message: second }\n"));

        await().until(() -> live.file(FILE).path("state").asText().equals("live"));

        Records records = program.records();
        for (String topic : new String[] {"parcels", "parcels-retry-1", "parcels-retry-3", "parcels-dlq"}) {
            assertThat(records.partitions(topic)).isEqualTo(3);
        }
    }
}
