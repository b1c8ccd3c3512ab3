package dev.caravan.platform.reliability;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * A pending commit of a record's offset.
 *
 * @param consumer the client that read the record
 * @param timeout maximum time to wait for the brokers
 */
record OffsetCommit(Consumer<?, ?> consumer, TopicPartition partition, long offset, Duration timeout) {

    /**
     * Commits all offsets in one request.
     *
     * @param commits of one consumer, at most one for each partition
     */
    static void commitAll(Collection<OffsetCommit> commits) {
        Map<TopicPartition, OffsetAndMetadata> offsets = commits.stream()
                .collect(Collectors.toMap(OffsetCommit::partition, each -> new OffsetAndMetadata(each.offset() + 1)));
        commits.stream().findAny().ifPresent(any -> any.consumer().commitSync(offsets, any.timeout()));
    }
}
