package dev.caravan.platform.reliability;

import dev.caravan.platform.edge.KafkaHeaders;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.kafka.TopicReader;
import dev.caravan.platform.topics.Topics;
import java.time.Duration;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;

/**
 * One record as its consumer received it.
 *
 * @param originTime the timestamp of the record as it was first published, in milliseconds since the epoch
 * @param originPartition its partition in the topic that it was first published to
 * @param originOffset its offset there
 * @param originTopicId the id of the topic that it was first published to; null if unknown
 * @param timestamp of the record, in milliseconds since the epoch
 * @param receivedAt when this process received it, in milliseconds since the epoch
 * @param commit commits this record's partition up to it; null if the consumer does not commit manually
 */
public record Delivery(
        Topics.Source source,
        int partition,
        long offset,
        long originTime,
        int originPartition,
        long originOffset,
        String originTopicId,
        long timestamp,
        byte[] key,
        String messageId,
        long receivedAt,
        OffsetCommit commit) {

    /** Header of retry and dead-letter records: the id of the topic that the record was first published to. */
    static final String TOPIC_ID = "dead-letter-topic-id";

    /** @param message with the headers that Camel's consumer set */
    static Delivery of(Message message, Topics.Source source, String originTopicId) {
        int partition = message.getHeader(KafkaHeaders.PARTITION, Integer.class);
        long offset = message.getHeader(KafkaHeaders.OFFSET, Long.class);
        long timestamp = message.getHeader(KafkaHeaders.TIMESTAMP, Long.class);
        return new Delivery(
                source,
                partition,
                offset,
                origin(message, source, "delayed-retry-original-timestamp", timestamp),
                (int) origin(message, source, "dead-letter-partition", partition),
                origin(message, source, "dead-letter-offset", offset),
                originTopicId,
                timestamp,
                message.getHeader(KafkaHeaders.KEY, byte[].class),
                TopicReader.messageId(
                        message.getHeader(MessageId.HEADER, String.class),
                        message.getHeader(KafkaHeaders.TOPIC, String.class),
                        partition,
                        offset,
                        timestamp),
                System.currentTimeMillis(),
                commit(message));
    }

    /**
     * Replaces Camel's manual commit, which would keep the exchange in memory until the poll is committed.
     */
    private static OffsetCommit commit(Message message) {
        DefaultKafkaManualCommit given = message.getHeader(KafkaHeaders.MANUAL_COMMIT, DefaultKafkaManualCommit.class);
        return given == null
                ? null
                : new OffsetCommit(
                        given.getCamelExchangePayload().consumer,
                        given.getPartition(),
                        given.getRecordOffset(),
                        Duration.ofMillis(given.getCommitTimeout()));
    }

    /** The origin headers count only on a retry topic; elsewhere the record's own position is the origin. */
    private static long origin(Message message, Topics.Source source, String header, long own) {
        String value = source.level() == 0 ? null : message.getHeader(header, String.class);
        return value != null && value.matches("\\d{1,18}") ? Long.parseLong(value) : own;
    }
}
