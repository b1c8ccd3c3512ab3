package dev.caravan.platform.kafka;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** What has to happen once records have been processed. */
public interface BatchCommitListener {

    /** Whether the records of one more poll may be processed first. */
    boolean canWait();

    /**
     * Called on the consumer's thread before it waits for records, and before it gives up its partitions.
     *
     * @return where the consumer has to read on from, for partitions whose records must be processed again; empty when all is well
     */
    Map<TopicPartition, Long> settle();

    /** Ends what that consumer's thread holds, for the thread does not come back; it must take up no other record. */
    default void abort(Thread consumer) {}

    /** @param threads that consume at present */
    default void consumers(int threads) {}
}
