package dev.caravan.platform.kafka;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/** Commits the processed records of a consumer thread. */
public interface BatchCommitListener {

    /** Called on the consumer thread with the records of a poll, before they are processed. */
    default void polled(ConsumerRecords<Object, Object> records) {}

    /**
     * Commits the processed records. Called on the consumer thread before each poll and before its partitions are
     * revoked.
     *
     * @return the offset to continue from, for each partition with records to process again
     */
    Map<TopicPartition, Long> commitOrRewind();

    /**
     * Aborts the transaction of a consumer thread that is stuck or replaced; that thread must process no further
     * record.
     */
    default void abort(Thread consumer) {}

    /** @param threads current number of consumer threads */
    default void threadsChanged(int threads) {}
}
