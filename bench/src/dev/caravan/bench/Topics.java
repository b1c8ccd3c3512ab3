package dev.caravan.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes and deletes records of the topics, and reads end offsets and the offsets of groups. */
final class Topics implements AutoCloseable {

    /** Caravan's own default. */
    private static final int PARTITIONS = 3;

    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;

    Topics(String brokers) {
        admin = Admin.create(Map.of("bootstrap.servers", brokers));
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers, "linger.ms", 20, "batch.size", 262_144),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    void create(String... names) throws Exception {
        admin.createTopics(Stream.of(names)
                        .map(name -> new NewTopic(name, PARTITIONS, (short) 1))
                        .toList())
                .all()
                .get();
    }

    /** Deletes all records, so that a new group begins with the next one. */
    void empty(String... names) throws Exception {
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        for (String name : names) {
            ends(name).forEach((partition, end) -> all.put(partition, RecordsToDelete.beforeOffset(end)));
        }
        admin.deleteRecords(all).all().get();
    }

    /** The number of records that were ever written to these topics. */
    long written(String... names) throws Exception {
        long written = 0;
        for (String name : names) {
            written += ends(name).values().stream().mapToLong(end -> end).sum();
        }
        return written;
    }

    /** The number of records ever written, once no more arrive within 250 ms. */
    long settled(String name) throws Exception {
        long before = -1;
        long now = written(name);
        while (now != before) {
            Thread.sleep(250);
            before = now;
            now = written(name);
        }
        return now;
    }

    /**
     * Returns when the broker has acknowledged all records.
     *
     * @return the end offsets of their partitions
     */
    Map<TopicPartition, Long> write(String topic, int count, IntFunction<Message> messages) throws Exception {
        Map<TopicPartition, Long> before = ends(topic);
        for (int i = 0; i < count; i++) {
            producer.send(messages.apply(i).to(topic));
        }
        producer.flush();
        Map<TopicPartition, Long> after = ends(topic);
        after.entrySet().removeAll(before.entrySet());
        return after;
    }

    /** Waits until the group has committed these offsets, at most ten minutes. */
    void untilRead(String group, Map<TopicPartition, Long> ends) throws Exception {
        Polling.until(Duration.ofMinutes(10), "the lag of " + group + " to be 0", () -> {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return ends.entrySet().stream().allMatch(end -> {
                OffsetAndMetadata at = committed.get(end.getKey());
                // Records in flight when the ends were read may be committed too.
                return at != null && at.offset() >= end.getValue();
            });
        });
    }

    Map<TopicPartition, Long> ends(String topic) throws Exception {
        Map<TopicPartition, OffsetSpec> latest = IntStream.range(0, PARTITIONS)
                .boxed()
                .collect(Collectors.toMap(p -> new TopicPartition(topic, p), p -> OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin.listOffsets(latest).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
        admin.close(Duration.ofSeconds(1));
    }
}
