package dev.caravan.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.LogCapture;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.management.ObjectName;
import org.apache.camel.spi.RouteController;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A consumer that cannot read reconnects with pauses, and the health check reports why. */
class ReconnectIT {

    @TempDir
    Path folder;

    @Test
    void deadLetterIndexReconnectsWithPausesWhileTheDatabaseIsUnavailable() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
                Program program = Program.on(
                        broker.bootstrapServers(),
                        Map.of(
                                "database.url",
                                "jdbc:postgresql://127.0.0.1:" + CaravanExtension.freePort() + "/postgres",
                                "database.user",
                                "postgres"))) {
            await().until(() -> consumers(program).matches(".*dead-letter-index [^,]*: .*"));

            long before = newestClient("caravan-dead-letters");
            try (LogCapture logged = new LogCapture()) {
                await().during(Duration.ofSeconds(5)).until(() -> newestClient("caravan-dead-letters") - before <= 3);
                assertThat(logged.text().lines().filter(line -> line.matches("[0-9:.]{12} (WARN|ERROR) .*")))
                        .hasSizeLessThan(10);
            }
        }
    }

    @Test
    void reportsAGroupWithAnotherProtocolAndJoinsItLater() throws Exception {
        try (Program program = Program.start(Map.of())) {
            RouteController routes = program.caravan().context().getRouteController();
            String brokers = program.caravan().context().resolvePropertyPlaceholders("{{kafka.brokers}}");
            routes.stopRoute("orders-consume");
            try (KafkaConsumer<byte[], byte[]> foreign = new KafkaConsumer<>(
                    Map.of(
                            "bootstrap.servers",
                            brokers,
                            "group.id",
                            "caravan-orders",
                            "partition.assignment.strategy",
                            RangeAssignor.class.getName()),
                    new ByteArrayDeserializer(),
                    new ByteArrayDeserializer())) {
                foreign.subscribe(List.of("orders"));
                await().until(() -> {
                    foreign.poll(Duration.ofMillis(100));
                    return !foreign.assignment().isEmpty();
                });

                routes.startRoute("orders-consume");
                await().until(() -> {
                    foreign.poll(Duration.ofMillis(10));
                    return consumers(program).matches(".*orders-consume [^,]*: .*protocol.*");
                });
                assertThat(program.management().get("/observe/health").status()).isEqualTo(503);
            }

            await().until(() -> consumers(program).matches(".*orders-consume (polling|working) \\(3\\)(,.*|$)"));
        }
    }

    /** The number of the newest client of this group; clients of all groups share one sequence. */
    private static long newestClient(String group) throws Exception {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("kafka.consumer:type=app-info,id=consumer-" + group + "-*"), null)
                .stream()
                .map(name -> name.getKeyProperty("id"))
                .mapToLong(id -> Long.parseLong(id.substring(id.lastIndexOf('-') + 1)))
                .max()
                .orElse(0);
    }

    private static String consumers(Program program) {
        for (var check : program.management().get("/observe/health").json().path("checks")) {
            if (check.path("name").asText().equals("consumers")) {
                return check.path("message").asText();
            }
        }
        return "";
    }
}
