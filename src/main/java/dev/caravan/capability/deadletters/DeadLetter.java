package dev.caravan.capability.deadletters;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.Utf8;
import dev.caravan.platform.edge.KafkaHeaders;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.RawHeaders;
import dev.caravan.platform.edge.ReservedHeaders;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Maps a record of a dead-letter topic to a row of the index, and a row to the response. */
public final class DeadLetter {

    /** Number of payload characters that can be searched. */
    private static final int SEARCHABLE = 10_000;

    /** Number of payload characters in a list. */
    private static final int PREVIEW = 200;

    private static final int KEY_LENGTH = 255;
    private static final int NAME_LENGTH = 249;
    /** Longer than Caravan's own reasons. */
    private static final int REASON_LENGTH = 2_000;

    private DeadLetter() {}

    /** Maps the record to named SQL parameters. Any bytes and headers produce a row. */
    public static final class ReadRecord extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            String dlqTopic = message.getHeader(KafkaHeaders.TOPIC, String.class);
            TopicConsumer owner = bean(Topics.class).source(dlqTopic).consumer();
            String topic = owner.topic();
            String failed = header(message, ReservedHeaders.CONSUMER);
            int partition = message.getHeader(KafkaHeaders.PARTITION, Integer.class);
            long offset = message.getHeader(KafkaHeaders.OFFSET, Long.class);
            byte[] key = message.getHeader(KafkaHeaders.KEY, byte[].class);
            byte[] payload = message.getBody(byte[].class);
            String reason = cut(header(message, "dead-letter-reason"), REASON_LENGTH);
            String exception = cut(header(message, "dead-letter-exception-class-name"), REASON_LENGTH);
            String messageId = header(message, MessageId.HEADER);
            String text = text(payload);

            Map<String, Object> row = new HashMap<>();
            row.put("dlqTopic", dlqTopic);
            row.put("topic", topic);
            row.put("consumer", failed.isEmpty() ? owner.name() : cut(failed, NAME_LENGTH));
            row.put("dlqPartition", partition);
            row.put("dlqOffset", offset);
            row.put("diedAt", new Timestamp(message.getHeader(KafkaHeaders.TIMESTAMP, Long.class)));
            row.put("recordKey", key);
            row.put("keyText", cut(text(key), KEY_LENGTH));
            row.put("messageId", MessageId.isValid(messageId) ? messageId : dlqTopic + "/" + partition + "/" + offset);
            row.put("fingerprint", Fingerprint.of(topic, exception, reason));
            row.put("reason", reason);
            row.put("exception", exception);
            row.put("cause", cut(header(message, "dead-letter-cause"), REASON_LENGTH));
            row.put("fromPartition", integer(header(message, "dead-letter-partition")));
            row.put("fromOffset", number(header(message, "dead-letter-offset")));
            row.put("publishedAt", time(header(message, "delayed-retry-original-timestamp")));
            row.put("firstFailedAt", time(header(message, "delayed-retry-first-processing-timestamp")));
            row.put("retries", numberOrZero(header(message, "delayed-retry-count")));
            row.put("replays", numberOrZero(header(message, ReservedHeaders.REPLAY_COUNT)));
            row.put("payload", payload);
            row.put("payloadText", cut(text, SEARCHABLE));
            row.put("preview", cut(text, PREVIEW));
            row.put("headers", new String(RawHeaders.json(RawHeaders.of(message)), StandardCharsets.UTF_8));
            message.setBody(row);
        }

        private static String header(Message message, String name) {
            String text = message.getHeader(name, String.class);
            return text == null ? "" : clean(text);
        }

        private static long numberOrZero(String text) {
            Long number = integer(text);
            return number == null ? 0 : number;
        }

        /** The number, or null if it does not fit a column of type INTEGER. */
        private static Long integer(String text) {
            return text.length() > 9 ? null : number(text);
        }

        /** The number, or null: other programs can write any text into the header. */
        private static Long number(String text) {
            return text.matches("\\d{1,18}") ? Long.valueOf(text) : null;
        }

        private static Timestamp time(String text) {
            return text.matches("\\d{1,15}") ? new Timestamp(Long.parseLong(text)) : null;
        }

        private static String text(byte[] bytes) {
            return bytes == null ? "" : clean(new String(bytes, StandardCharsets.UTF_8));
        }

        /** Removes NUL characters, which databases reject. */
        private static String clean(String text) {
            return text.replace('\0', '\uFFFD');
        }

        private static String cut(String text, int length) {
            if (text.length() <= length) {
                return text;
            }
            return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
        }
    }

    /** The response for one dead letter: its row in the body, with the headers {@code attempts} and {@code history}. */
    public static final class Response implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Map<String, Object> row = row(message);
            byte[] payload = (byte[]) row.remove("payload");
            String headers = (String) row.remove("headers");
            ObjectNode letter = RowsResponse.json(row);
            letter.putObject("payload")
                    .put("size", payload == null ? 0 : payload.length)
                    .put("text", payload == null ? null : Utf8.decode(payload).orElse(null))
                    .put("base64", payload == null ? null : Base64.getEncoder().encodeToString(payload));
            letter.set("headers", RawHeaders.byName(RawHeaders.read(headers.getBytes(StandardCharsets.UTF_8))));
            letter.set("attempts", RowsResponse.json(RowsResponse.of(message.getHeader("attempts"))));
            letter.set("history", RowsResponse.json(RowsResponse.of(message.getHeader("history"))));
            RowsResponse.answer(message, letter);
        }
    }

    /** @throws ProblemException 404 if the query found no row */
    static Map<String, Object> row(Message message) {
        if (message.getBody() instanceof Map<?, ?> row) {
            return RowsResponse.of(row);
        }
        throw missing();
    }

    static ProblemException missing() {
        return ProblemException.notFound("No dead letter has this id.");
    }
}
