package dev.caravan.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.support.CaravanExtension.Program;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;

/** The same way on the Kafka that a container brings, where there is a Docker engine. */
class ContainersIT {

    @Test
    void processesOnTheKafkaOfAContainer() throws Exception {
        assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "no Docker engine here: skipped");
        try (KafkaContainer kafka = new KafkaContainer("apache/kafka:3.9.1")) {
            kafka.start();
            try (Program caravan = Program.on(kafka.getBootstrapServers(), Map.of())) {
                assertThat(caravan.http()
                                .postForm("/send", "fromID=1&toID=2&message=contained")
                                .status())
                        .isEqualTo(200);

                await().untilAsserted(() -> assertThat(
                                caravan.http().get("/notifications/2").body())
                        .contains("contained"));
            }
        }
    }
}
