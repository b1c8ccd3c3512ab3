package dev.caravan.platform.reliability;

import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.topics.Topics;
import java.time.Duration;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;

/**
 * One record as its consumer got it.
 *
 * @param originTime the timestamp of the record as it was first published, in milliseconds since the epoch
 * @param originPartition where it stood there, as does {@code originOffset}
 * @param originTopicId the id of the topic that it was first published to; null where it is not known
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
        String originTopicId,
        long timestamp,
        byte[] key,
        String messageId,
        long receivedAt,
        OffsetCommit commit) {

    /** The header of a retry or dead-letter record that holds the id of the topic that it was first published to. */
    static final String TOPIC_ID = "dead-letter-topic-id";

    /** The record of a message whose headers are as Camel's consumer made them. */
    static Delivery of(Message message, Topics.Source source, String originTopicId) {
        return new Delivery(
                source,
                message.getHeader(KafkaConstants.PARTITION, Integer.class),
                message.getHeader(KafkaConstants.OFFSET, Long.class),
                origin(message, source, "delayed-retry-original-timestamp", KafkaConstants.TIMESTAMP),
                (int) origin(message, source, "dead-letter-partition", KafkaConstants.PARTITION),
                origin(message, source, "dead-letter-offset", KafkaConstants.OFFSET),
                originTopicId,
                message.getHeader(KafkaConstants.TIMESTAMP, Long.class),
                message.getHeader(KafkaConstants.KEY, byte[].class),
                messageId(message),
                System.currentTimeMillis(),
                commit(message));
    }

    /** Without the exchange that Camel's own holds: all that the route makes of it would stay in memory until the record's batch is committed. */
    private static OffsetCommit commit(Message message) {
        DefaultKafkaManualCommit given =
                message.getHeader(KafkaConstants.MANUAL_COMMIT, DefaultKafkaManualCommit.class);
        return given == null
                ? null
                : new OffsetCommit(
                        given.getCamelExchangePayload().consumer,
                        given.getPartition(),
                        given.getRecordOffset(),
                        Duration.ofMillis(given.getCommitTimeout()));
    }

    /**
     * A record that another program wrote may have no MessageID, or an invalid one. Then its place in the log is its MessageID, because the same
     * record has the same place whenever it is read again; its timestamp tells it from the record in that place of a topic that was deleted and
     * created again.
     */
    private static String messageId(Message message) {
        String given = message.getHeader(MessageId.HEADER, String.class);
        return MessageId.isValid(given)
                ? given
                : message.getHeader(KafkaConstants.TOPIC) + "/" + message.getHeader(KafkaConstants.PARTITION) + "/"
                        + message.getHeader(KafkaConstants.OFFSET) + "/" + message.getHeader(KafkaConstants.TIMESTAMP);
    }

    /** On a retry topic the record says where it came from; elsewhere it is where it is, whatever it says. */
    private static long origin(Message message, Topics.Source source, String header, String own) {
        String said = source.level() == 0 ? null : message.getHeader(header, String.class);
        return said != null && said.matches("\\d{1,18}") ? Long.parseLong(said) : message.getHeader(own, Long.class);
    }
}
