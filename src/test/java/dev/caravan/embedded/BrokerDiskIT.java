package dev.caravan.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk of the broker fails, as when it is full. */
class BrokerDiskIT {

    @TempDir
    Path folder;

    @Test
    void reportsTheFolderThatCannotBeWritten() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0, Map.of("log.segment.bytes", "1000"));
                Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                broker.bootstrapServers(),
                                "delivery.timeout.ms",
                                1000,
                                "request.timeout.ms",
                                1000,
                                "max.block.ms",
                                1000),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            await().ignoreExceptions().untilAsserted(() -> producer.send(new ProducerRecord<>("t", new byte[100]))
                    .get());
            assertThat(broker.failure()).isEmpty();

            // The next segment cannot be created.
            delete(folder.resolve("t-0"));
            await().until(() -> {
                producer.send(new ProducerRecord<>("t", new byte[500]));
                return broker.failure().isPresent();
            });

            assertThat(broker.failure().get()).contains(folder.toString());
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
