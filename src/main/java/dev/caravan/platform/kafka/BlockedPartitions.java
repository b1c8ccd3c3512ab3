package dev.caravan.platform.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;

/**
 * Partitions that are blocked by a record that cannot be committed or handed to the next topic. The record is read
 * again at once, and from the second failure on after a {@link Backoff}. The consumer reads its other partitions
 * meanwhile. Outlives the consumers' clients.
 */
final class BlockedPartitions {

    private record BlockingRecord(long offset, int failures, long pausedUntilNanos) {}

    private final Map<GroupPartition, BlockingRecord> blocked = new ConcurrentHashMap<>();

    /** Called when the record at this offset has to be read again. */
    void block(String group, TopicPartition partition, long offset) {
        blocked.compute(new GroupPartition(group, partition), (key, previous) -> {
            int failures = previous != null && previous.offset() == offset ? previous.failures() + 1 : 1;
            Duration pause = failures == 1 ? Duration.ZERO : Backoff.pause(failures - 1);
            return new BlockingRecord(offset, failures, System.nanoTime() + pause.toNanos());
        });
    }

    boolean isPaused(String group, TopicPartition partition) {
        BlockingRecord record = blocked.get(new GroupPartition(group, partition));
        return record != null && record.pausedUntilNanos() - System.nanoTime() > 0;
    }

    /** Unblocks the partition of a topic that was created again: the blocking record no longer exists. */
    void unblock(String group, TopicPartition partition) {
        blocked.remove(new GroupPartition(group, partition));
    }

    /** Unblocks the partition if the committed offset is behind its blocking record. */
    void committed(String group, TopicPartition partition, long next) {
        blocked.computeIfPresent(
                new GroupPartition(group, partition), (key, record) -> record.offset() < next ? null : record);
    }

    /** The records that have failed at least {@link Backoff#REPORTED_FAILURES} times. */
    List<String> describe(String group) {
        return blocked.entrySet().stream()
                .filter(each ->
                        each.getKey().group().equals(group) && each.getValue().failures() >= Backoff.REPORTED_FAILURES)
                .map(each -> each.getKey().partition() + "@" + each.getValue().offset()
                        + " cannot be committed or handed on ("
                        + each.getValue().failures() + " attempts)")
                .sorted()
                .toList();
    }
}
