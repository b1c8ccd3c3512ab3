package dev.caravan.reliability;

import dev.caravan.topics.Topics;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;

/**
 * One record as its consumer got it.
 *
 * @param originTime the timestamp of the record as it was first published, in milliseconds since the epoch
 * @param originPartition where it stood there, as does {@code originOffset}
 * @param timestamp of the record, in milliseconds since the epoch
 * @param receivedAt when this process got it, in milliseconds since the epoch
 * @param commit commits this record's partition up to it; null where nothing is committed by hand
 */
public record Delivery(
        Topics.Source source,
        int partition,
        long offset,
        long originTime,
        int originPartition,
        long originOffset,
        long timestamp,
        byte[] key,
        String messageId,
        long receivedAt,
        KafkaManualCommit commit) {}
