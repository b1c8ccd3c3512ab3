package dev.caravan.kafka;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** What has to happen once the records of a poll have been processed, before the next one. */
public interface Settlement {

    /**
     * Called on the consumer's thread before each poll, and before the consumer gives up its partitions.
     *
     * @return where the consumer has to read on from, for partitions whose records must be processed again; empty when all is well
     */
    Map<TopicPartition, Long> settle();
}
