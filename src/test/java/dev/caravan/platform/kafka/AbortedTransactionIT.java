package dev.caravan.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CaravanExtension.class)
class AbortedTransactionIT {

    private final String id = UUID.randomUUID().toString();

    @Test
    void skipsRecordsOfAbortedTransactions(Program program) throws Exception {
        String brokers = program.caravan().context().resolvePropertyPlaceholders("{{kafka.brokers}}");
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers, "transactional.id", id),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(comment("aborted"));
            producer.flush();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(comment("committed"));
            producer.commitTransaction();
        }

        await().untilAsserted(() -> assertThat(comments(program)).contains(id + "-committed"));
        assertThat(comments(program)).doesNotContain(id + "-aborted");
    }

    @Test
    void clientsFindAddedPartitionsWithinAMinute(Program program) {
        KafkaConfiguration kafka = program.caravan()
                .context()
                .getComponent("kafka", KafkaComponent.class)
                .getConfiguration();

        assertThat(kafka.createConsumerProperties().get("metadata.max.age.ms").toString())
                .isEqualTo("60000");
        assertThat(kafka.createProducerProperties().get("metadata.max.age.ms").toString())
                .isEqualTo("60000");
    }

    /** Always in the same partition, so that records are read in order. */
    private ProducerRecord<byte[], byte[]> comment(String which) {
        return new ProducerRecord<>(
                "comments", 0, null, ("{\"text\":\"" + id + "-" + which + "\"}").getBytes(StandardCharsets.UTF_8));
    }

    private static String comments(Program program) {
        return program.http().get("/api/v1/comments?limit=100").body();
    }
}
