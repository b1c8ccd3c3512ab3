package dev.caravan.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.caravan.broker.EmbeddedBroker;
import dev.caravan.support.Records;
import dev.caravan.support.Running;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommittingConsumerIT {

    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    @TempDir
    Path folder;

    @Test
    void aCommitThatFailedIsMadeUpForWhenKafkaIsBackThoughNoRecordComes() throws Exception {
        String brokers = "127.0.0.1:" + Running.freePort();
        EmbeddedBroker broker = start(brokers);
        try (CommittingConsumer consumer = new CommittingConsumer(properties(brokers), Map::of, new Reader("g"))) {
            ConsumerRecord<Object, Object> record = theRecord(brokers, consumer);
            broker.close();
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> consumer.commitSync(after(record), Duration.ofSeconds(1)));

            broker = start(brokers);

            await().untilAsserted(() -> {
                assertThat(consumer.poll(Duration.ofMillis(100))).isEmpty();
                assertThat(committed(brokers)).isEqualTo(record.offset() + 1);
            });
        } finally {
            broker.close();
        }
    }

    private EmbeddedBroker start(String brokers) {
        return EmbeddedBroker.start(folder, Integer.parseInt(brokers.split(":")[1]));
    }

    private static Properties properties(String brokers) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", brokers);
        properties.put("group.id", "g");
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
        properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
        return properties;
    }

    private static ConsumerRecord<Object, Object> theRecord(String brokers, CommittingConsumer consumer)
            throws Exception {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
        }
        new Records(brokers).write("t", null, new byte[] {1}, Map.of());
        consumer.subscribe(List.of("t"), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
        });
        return await().until(
                        () -> consumer.poll(Duration.ofMillis(100)).records(PARTITION).stream()
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static Map<TopicPartition, OffsetAndMetadata> after(ConsumerRecord<Object, Object> record) {
        return Map.of(PARTITION, new OffsetAndMetadata(record.offset() + 1));
    }

    private static long committed(String brokers) throws Exception {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
            OffsetAndMetadata committed = admin.listConsumerGroupOffsets("g")
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(PARTITION);
            return committed == null ? -1 : committed.offset();
        }
    }
}
