package dev.caravan.capability.rewinds;

import dev.caravan.platform.kafka.TopicReader;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.UnknownMemberIdException;

/**
 * Reads and changes the committed offsets of consumer groups. Kafka changes them only for a group without members, so the
 * members are removed first. They notice at their next heartbeat, join again, and read from the new offsets. Kafka rejects
 * commits of removed members.
 */
final class GroupOffsets implements AutoCloseable {

    private static final int ATTEMPTS = 20;
    private static final Duration READ = Duration.ofSeconds(5);

    private final Admin admin;
    private final TopicReader reader;

    /**
     * @param kafka client properties for the brokers
     * @param topics all topics of later calls; those that do not exist are ignored
     */
    GroupOffsets(Properties kafka, Set<String> topics) {
        reader = new TopicReader(kafka, topics, 1);
        admin = Admin.create(kafka);
    }

    /** The group's committed offsets for the topic. */
    Map<TopicPartition, Long> committed(String group, String topic) throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .forEach((partition, at) -> {
                    if (at != null && partition.topic().equals(topic)) {
                        offsets.put(partition, at.offset());
                    }
                });
        return offsets;
    }

    /**
     * The offset in each partition of the first record that was written at most {@code back} before the last committed
     * one, and not before {@code earliest}. Partitions without such a record are omitted.
     */
    Map<TopicPartition, Long> before(Map<TopicPartition, Long> committed, Duration back, Instant earliest) {
        Map<TopicPartition, Long> begins = reader.beginningOffsets();
        Map<TopicPartition, Long> last = committed.entrySet().stream()
                .filter(each -> each.getValue() > begins.getOrDefault(each.getKey(), Long.MAX_VALUE))
                .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue() - 1));
        Map<TopicPartition, Long> times = new HashMap<>();
        reader.read(last, committed, System.nanoTime() + READ.toNanos(), record -> {
            times.putIfAbsent(new TopicPartition(record.topic(), record.partition()), record.timestamp());
            return true;
        });
        Map<TopicPartition, Long> since = new HashMap<>();
        // The last offset may be the end of a transaction, which has no record and no time.
        last.keySet()
                .forEach(partition -> since.put(
                        partition,
                        Math.max(
                                times.getOrDefault(partition, System.currentTimeMillis()) - back.toMillis(),
                                earliest.toEpochMilli())));
        Map<TopicPartition, Long> earlier = reader.since(since);
        earlier.entrySet().removeIf(each -> each.getValue() >= committed.get(each.getKey()));
        return earlier;
    }

    /** Commits offsets for the group, whose members continue there. Without offsets, the members only join again. */
    void commit(String group, Map<TopicPartition, Long> offsets) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> target = offsets.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, each -> new OffsetAndMetadata(each.getValue())));
        for (int attempt = 1; ; attempt++) {
            removeMembers(group);
            if (target.isEmpty()) {
                return;
            }
            try {
                admin.alterConsumerGroupOffsets(group, target).all().get();
                return;
            } catch (ExecutionException e) {
                boolean joined = e.getCause() instanceof UnknownMemberIdException
                        || e.getCause() instanceof GroupNotEmptyException;
                if (!joined || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void removeMembers(String group) throws ExecutionException, InterruptedException {
        try {
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
                    .all()
                    .get();
        } catch (ExecutionException e) {
            // The group has no members, or never had any.
            if (!(e.getCause() instanceof UnknownMemberIdException)
                    && !(e.getCause() instanceof GroupIdNotFoundException)
                    && !hasNoMembers(group)) {
                throw e;
            }
        }
    }

    private boolean hasNoMembers(String group) throws ExecutionException, InterruptedException {
        return admin.describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get()
                .members()
                .isEmpty();
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
        reader.close();
    }
}
