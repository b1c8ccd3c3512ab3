package dev.caravan.platform.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;

/**
 * Partitions whose next record cannot leave its place, as no topic takes it or it cannot be committed. It is read again at once, and from
 * the second failure on after a {@link Backoff}; meanwhile the other partitions of the consumer are read. Outlives the consumers' clients.
 */
final class HeldPartitions {

    private record HeldPlace(String group, TopicPartition partition) {}

    private record Held(long offset, int times, long untilNanos) {}

    private final Map<HeldPlace, Held> held = new ConcurrentHashMap<>();

    /** The record there has to be read again. */
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

    /** The partition is done up to before that offset. */
    void passed(String group, TopicPartition partition, long next) {
        held.computeIfPresent(new HeldPlace(group, partition), (heldPlace, each) -> each.offset() < next ? null : each);
    }

    /** The records that have failed to leave their places several times. */
    List<String> of(String group) {
        return held.entrySet().stream()
                .filter(each ->
                        each.getKey().group().equals(group) && each.getValue().times() >= Backoff.SERIOUS)
                .map(each -> each.getKey().partition() + "@" + each.getValue().offset() + " cannot leave its place ("
                        + each.getValue().times() + " times)")
                .sorted()
                .toList();
    }
}
