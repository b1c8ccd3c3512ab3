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

/** What stands on the topics, and how far a group has read them. */
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

    /** Takes everything off them, so that a new group begins with what comes next. */
    void empty(String... names) throws Exception {
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        for (String name : names) {
            ends(name).forEach((partition, end) -> all.put(partition, RecordsToDelete.beforeOffset(end)));
        }
        admin.deleteRecords(all).all().get();
    }

    /** How many records these topics have ever had. */
    long written(String... names) throws Exception {
        long written = 0;
        for (String name : names) {
            written += ends(name).values().stream().mapToLong(end -> end).sum();
        }
        return written;
    }

    /** The same, once nothing more comes: what was in flight has arrived. */
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

    /** @return once the broker has acknowledged all of them: where the partitions that they are on end */
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

    /** Returns when the group has committed up to there: its lag is 0. Fails after ten minutes. */
    void untilRead(String group, Map<TopicPartition, Long> ends) throws Exception {
        Waiting.until(Duration.ofMinutes(10), "the lag of " + group + " to be 0", () -> {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return ends.entrySet().stream().allMatch(end -> {
                OffsetAndMetadata at = committed.get(end.getKey());
                // What was in flight when the ends were looked at may be read too.
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
