package dev.caravan.platform.reliability;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The commit of a record's offset, still to be done.
 *
 * @param consumer the one that brought the record
 * @param timeout for how long the brokers are waited for
 */
record OffsetCommit(Consumer<?, ?> consumer, TopicPartition partition, long offset, Duration timeout) {

    /**
     * One request for all of them.
     *
     * @param commits of one consumer, each of another partition
     */
    static void together(Collection<OffsetCommit> commits) {
        Map<TopicPartition, OffsetAndMetadata> offsets = commits.stream()
                .collect(Collectors.toMap(OffsetCommit::partition, each -> new OffsetAndMetadata(each.offset() + 1)));
        commits.stream().findAny().ifPresent(any -> any.consumer().commitSync(offsets, any.timeout()));
    }
}
