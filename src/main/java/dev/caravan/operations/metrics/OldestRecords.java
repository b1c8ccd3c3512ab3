package dev.caravan.operations.metrics;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the timestamps of records without a consumer group, so no offset changes. Not thread-safe. */
final class OldestRecords implements AutoCloseable {

    /** A fetch returns at least one whole record, even if it is larger. */
    private static final int FETCH_BYTES = 64 * 1024;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final KafkaConsumer<byte[], byte[]> consumer;

    /** @param kafka client properties for the brokers */
    OldestRecords(Properties kafka) {
        Properties properties = new Properties();
        properties.putAll(kafka);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
        consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * The timestamps, in milliseconds, of the records at these offsets, as far as they can be read within 3 s.
     *
     * @param offsets one per partition
     */
    Map<TopicPartition, Long> timestamps(Map<TopicPartition, Long> offsets) {
        Map<TopicPartition, Long> found = new HashMap<>();
        consumer.assign(offsets.keySet());
        offsets.forEach(consumer::seek);
        long end = System.nanoTime() + TIMEOUT.toNanos();
        while (found.size() < offsets.size() && System.nanoTime() < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                found.putIfAbsent(new TopicPartition(record.topic(), record.partition()), record.timestamp());
            }
            consumer.pause(found.keySet());
        }
        // Otherwise these partitions would still be paused the next time.
        consumer.unsubscribe();
        return found;
    }

    @Override
    public void close() {
        consumer.close(Duration.ZERO);
    }
}
