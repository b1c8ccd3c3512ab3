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
final class HeldPartitions {

    private record HeldPlace(String group, TopicPartition partition) {}

    private record Held(long offset, int times, long untilNanos) {}

    private final Map<HeldPlace, Held> held = new ConcurrentHashMap<>();

    /** Called when the record at that offset has to be read again. */
    void hold(String group, TopicPartition partition, long offset) {
        held.compute(new HeldPlace(group, partition), (heldPlace, before) -> {
            int times = before != null && before.offset() == offset ? before.times() + 1 : 1;
            Duration pause = times == 1 ? Duration.ZERO : Backoff.pause(times - 1);
            return new Held(offset, times, System.nanoTime() + pause.toNanos());
        });
    }

    boolean waits(String group, TopicPartition partition) {
        Held each = held.get(new HeldPlace(group, partition));
        return each != null && each.untilNanos() - System.nanoTime() > 0;
    }

    /** The blocked record no longer exists. */
    void release(String group, TopicPartition partition) {
        held.remove(new HeldPlace(group, partition));
    }

    /** Releases the partition once a later offset than that of its blocked record is committed. */
    void committed(String group, TopicPartition partition, long next) {
        held.computeIfPresent(new HeldPlace(group, partition), (heldPlace, each) -> each.offset() < next ? null : each);
    }

    /** The records that have blocked their partition at least {@link Backoff#REPORTED_FAILURES} times. */
    List<String> of(String group) {
        return held.entrySet().stream()
                .filter(each ->
                        each.getKey().group().equals(group) && each.getValue().times() >= Backoff.REPORTED_FAILURES)
                .map(each -> each.getKey().partition() + "@" + each.getValue().offset()
                        + " cannot be committed or handed on ("
                        + each.getValue().times() + " attempts)")
                .sorted()
                .toList();
    }
}
