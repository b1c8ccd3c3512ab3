package dev.caravan.support;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Reads topics from their beginning, and writes records directly to Kafka. */
public final class Records {

    private final String brokers;

    public Records(String brokers) {
        this.brokers = brokers;
    }

    public String brokers() {
        return brokers;
    }

    public record Written(
            String topic,
            int partition,
            long offset,
            long timestamp,
            String key,
            byte[] value,
            Map<String, String> headers) {
        public String text() {
            return new String(value, StandardCharsets.UTF_8);
        }
    }

    /** All records of a topic that match, in the order of their offsets. */
    public List<Written> of(String topic, Predicate<Written> matches) {
        return raw(topic).stream().map(Records::written).filter(matches).toList();
    }

    /** All records of a topic as bytes, by offset within each partition. */
    public List<ConsumerRecord<byte[], byte[]>> raw(String topic) {
        try (var consumer = consumer("none")) {
            List<TopicPartition> partitions = partitions(consumer, topic);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    public List<Written> withMessageId(String topic, String messageId) {
        return of(topic, record -> messageId.equals(record.headers().get("MessageID")));
    }

    private static Written written(ConsumerRecord<byte[], byte[]> record) {
        return new Written(
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8),
                record.value(),
                StreamSupport.stream(record.headers().spliterator(), false)
                        .collect(java.util.stream.Collectors.toMap(
                                header -> header.key(),
                                header -> header.value() == null
                                        ? ""
                                        : new String(header.value(), StandardCharsets.UTF_8),
                                (a, b) -> b)));
    }

    /** Writes a record, and returns when the broker has acknowledged it. */
    public void write(String topic, String key, byte[] value, Map<String, String> headers) {
        write(topic, null, null, key, value, headers);
    }

    /**
     * @param partition null for the partition of the key
     * @param timestamp null for now
     */
    public void write(
            String topic, Integer partition, Long timestamp, String key, byte[] value, Map<String, String> headers) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", brokers, "max.request.size", 2_000_000),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                    topic, partition, timestamp, key == null ? null : key.getBytes(StandardCharsets.UTF_8), value);
            headers.forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
            producer.send(record).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    public int partitions(String topic) {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
            return admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .partitions()
                    .size();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The number of records that a group has not committed yet. */
    public long lag(String group, String topic) {
        try (var consumer = consumer(group)) {
            List<TopicPartition> partitions = partitions(consumer, topic);
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions));
            return consumer.endOffsets(partitions).entrySet().stream()
                    .mapToLong(end -> end.getValue()
                            - (committed.get(end.getKey()) == null
                                    ? 0
                                    : committed.get(end.getKey()).offset()))
                    .sum();
        }
    }

    /** A consumer that does not join its group. */
    private KafkaConsumer<byte[], byte[]> consumer(String group) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        brokers,
                        "group.id",
                        group,
                        "enable.auto.commit",
                        false,
                        // Closing a consumer waits for its last fetch.
                        "fetch.max.wait.ms",
                        0),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
        return consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
    }
}
