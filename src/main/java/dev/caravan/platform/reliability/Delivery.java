package dev.caravan.platform.reliability;

import dev.caravan.platform.edge.KafkaHeaders;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

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
        return new Delivery(
                source,
                message.getHeader(KafkaHeaders.PARTITION, Integer.class),
                message.getHeader(KafkaHeaders.OFFSET, Long.class),
                origin(message, source, "delayed-retry-original-timestamp", KafkaHeaders.TIMESTAMP),
                (int) origin(message, source, "dead-letter-partition", KafkaHeaders.PARTITION),
                origin(message, source, "dead-letter-offset", KafkaHeaders.OFFSET),
                originTopicId,
                message.getHeader(KafkaHeaders.TIMESTAMP, Long.class),
                message.getHeader(KafkaHeaders.KEY, byte[].class),
                identify(message),
                System.currentTimeMillis(),
                commit(message));
    }

    /**
     * Camel's manual commit holds the exchange, which would stay in memory until the batch is committed; this one does
     * not.
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

    private static String identify(Message message) {
        return identify(
                message.getHeader(MessageId.HEADER, String.class),
                message.getHeader(KafkaHeaders.TOPIC, String.class),
                message.getHeader(KafkaHeaders.PARTITION, Integer.class),
                message.getHeader(KafkaHeaders.OFFSET, Long.class),
                message.getHeader(KafkaHeaders.TIMESTAMP, Long.class));
    }

    static String identify(ConsumerRecord<?, ?> record) {
        Header given = record.headers().lastHeader(MessageId.HEADER);
        return identify(
                given == null || given.value() == null ? null : new String(given.value(), StandardCharsets.UTF_8),
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp());
    }

    /**
     * A record of another program may have no MessageID or an invalid one. Then topic, partition and offset are its
     * MessageID, because they are the same whenever it is read again. The timestamp distinguishes it from a record at
     * the same offset of a topic that was deleted and created again.
     */
    private static String identify(String given, String topic, int partition, long offset, long timestamp) {
        return MessageId.isValid(given) ? given : topic + "/" + partition + "/" + offset + "/" + timestamp;
    }

    /** The origin headers count only on a retry topic; elsewhere the record's own position is the origin. */
    private static long origin(Message message, Topics.Source source, String header, String own) {
        String said = source.level() == 0 ? null : message.getHeader(header, String.class);
        return said != null && said.matches("\\d{1,18}") ? Long.parseLong(said) : message.getHeader(own, Long.class);
    }
}
