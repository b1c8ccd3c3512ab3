package dev.caravan.platform.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads a range of offsets of each partition, with a client that belongs to no group. */
public final class PartitionScan {

    private static final Duration POLL = Duration.ofMillis(100);

    private PartitionScan() {}

    /** Where the records of that time or later begin; partitions without such records are left out. */
    public static Map<TopicPartition, Long> since(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions, long epochMillis) {
        Map<TopicPartition, Long> from = new HashMap<>();
        consumer.offsetsForTimes(partitions.stream().collect(Collectors.toMap(each -> each, any -> epochMillis)))
                .forEach((partition, first) -> {
                    if (first != null) {
                        from.put(partition, first.offset());
                    }
                });
        return from;
    }

    /**
     * Reads until the ends, until {@code nanoTime}, or until the caller wants no more. Records behind an end may be
     * passed on too.
     *
     * @return whether the ends were reached
     */
    public static boolean read(
            Consumer<byte[], byte[]> consumer,
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> ends,
            long nanoTime,
            Predicate<ConsumerRecord<byte[], byte[]>> wantsMore) {
        Set<TopicPartition> left = from.keySet().stream()
                .filter(partition -> from.get(partition) < ends.get(partition))
                .collect(Collectors.toCollection(HashSet::new));
        consumer.assign(left);
        left.forEach(partition -> consumer.seek(partition, from.get(partition)));
        while (!left.isEmpty()) {
            if (System.nanoTime() > nanoTime) {
                return false;
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (!wantsMore.test(record)) {
                    return false;
                }
            }
            left.removeIf(partition -> consumer.position(partition) >= ends.get(partition));
            consumer.assign(left);
        }
        return true;
    }
}
