package dev.caravan.capability.deadletters;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.AcceptedResponse;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemException.Violation;
import dev.caravan.platform.edge.RawHeaders;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.edge.ReservedHeaders;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.publish.PublishingPolicy;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.kafka.common.header.Headers;

/** Steps that send a dead letter's message back to the consumer that failed, unchanged or edited. */
public final class Replay {

    /** The property that holds the {@link Edit}; absent if the message is sent unchanged. */
    static final String EDIT = "CaravanEdit";

    /** The property with the prefix of the consumer's retry topics. */
    private static final String BASE_TOPIC = "CaravanBaseTopic";

    /** Headers that describe the last failure of a record. */
    private static final List<String> FAILURE =
            List.of("dead-letter-reason", "dead-letter-cause", "dead-letter-exception-class-name");

    record Edit(JsonNode json) {}

    private Replay() {}

    /** Reads the id in the path, and the edit if there is a body. */
    public static final class ReadRequest extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            ReadId.read(message);
            JsonNode edit = Json.ofBody(message);
            if (!edit.isMissingNode()) {
                bean(Schemas.class).check("dead-letters-edit", edit, 400);
                if (!edit.isEmpty()) {
                    exchange.setProperty(EDIT, new Edit(edit));
                }
            }
            message.setBody(null);
        }
    }

    /** Reads the id in the path. An id that is not a number is 404. */
    public static final class ReadId implements Processor {
        @Override
        public void process(Exchange exchange) {
            read(exchange.getMessage());
        }

        static void read(Message message) {
            String id = message.getHeader(ReplayLease.ID, String.class);
            if (!id.matches("\\d{1,18}")) {
                throw DeadLetter.missing();
            }
            message.setHeader(ReplayLease.ID, Long.parseLong(id));
        }
    }

    /**
     * Maps the row to the record for the first retry topic of its consumer, due at once. The record keeps its headers,
     * its MessageID and the position and time of its first record, but not the headers about its failure. The headers
     * of an edit are checked like those of a request.
     */
    public static final class PrepareRecord extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Map<String, Object> row = DeadLetter.row(message);
            Edit edit = exchange.getProperty(EDIT, Edit.class);
            Topics topics = bean(Topics.class);
            TopicConsumer consumer = consumer(topics, (String) row.get("topic"), (String) row.get("consumer"));
            String schema = schema(topics, consumer);
            Schemas schemas = bean(Schemas.class);
            String messageId = (String) row.get("messageId");
            Headers headers = RawHeaders.read(((String) row.get("headers")).getBytes(StandardCharsets.UTF_8));
            FAILURE.forEach(headers::remove);
            if (headers.lastHeader(ReservedHeaders.OMITTED) != null
                    && (edit == null || !edit.json().has("value"))) {
                throw ProblemException.of(
                        409,
                        "omitted",
                        "Its payload was too large for a dead-letter topic; it can be replayed with a value.");
            }
            headers.remove(ReservedHeaders.OMITTED);
            byte[] value = (byte[]) row.get("payload");
            if (edit != null) {
                ReservedHeaders.requireUnreserved(edit.json().path("headers"), 422)
                        .forEach((name, text) -> RawHeaders.set(headers, name, (String) text));
                if (edit.json().has("value")) {
                    JsonNode edited = edit.json().get("value");
                    if (schemas.find(schema).isPresent()) {
                        schemas.check(schema, edited, 422);
                    }
                    value = Json.bytes(edited);
                    RawHeaders.set(headers, RequestValidator.CONTENT_TYPE, "application/json");
                }
            } else if (exchange.getProperty(ReplayLease.REPLAY) != null) {
                check(schemas, schema, value);
            }
            RawHeaders.set(headers, MessageId.HEADER, messageId);
            RawHeaders.set(headers, ReservedHeaders.CONSUMER, consumer.name());
            RawHeaders.set(
                    headers,
                    ReservedHeaders.REPLAY_COUNT,
                    Integer.toString(((Number) row.get("replays")).intValue() + 1));
            RawHeaders.set(headers, ReservedHeaders.RETRY_COUNT, ReservedHeaders.REPLAYED);
            message.removeHeaders("*");
            RawHeaders.write(message, headers);
            message.setBody(value);
            exchange.setProperty(BASE_TOPIC, consumer.ladder());
            exchange.setProperty(RequestValidator.KEY, row.get("recordKey"));
            exchange.setProperty(RequestValidator.MESSAGE_ID, messageId);
        }
    }

    /** @throws ProblemException 409 if the consumer no longer exists, 422 if the topic's schema rejects the value */
    static void check(Topics topics, Schemas schemas, String topic, String consumer, byte[] value) {
        check(schemas, schema(topics, consumer(topics, topic, consumer)), value);
    }

    private static void check(Schemas schemas, String schema, byte[] value) {
        if (schemas.find(schema).isPresent()) {
            try {
                schemas.check(schema, Json.parse(value), 422);
            } catch (ProblemException problemException) {
                throw ProblemException.of(422, "invalid", "The schema refuses it: " + problemException.getMessage());
            }
        }
    }

    private static TopicConsumer consumer(Topics topics, String topic, String name) {
        return topics.consumers()
                .find(topic, name)
                .orElseThrow(() -> ProblemException.of(
                        409, "unknown-topic", "No route reads the topic " + topic + " as " + name + " any more."));
    }

    /** The schema of the topic, which has the name of the topic's owner. */
    private static String schema(Topics topics, TopicConsumer consumer) {
        return topics.findCapability(consumer.topic()).orElse(consumer.name());
    }

    /** Answers 202 with the location of the message. */
    public static final class ReplayResponse implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message reply = exchange.getMessage();
            String messageId = exchange.getProperty(RequestValidator.MESSAGE_ID, String.class);
            RowsResponse.answer(
                    reply,
                    Json.MAPPER
                            .createObjectNode()
                            .put("message", "The message is back with its consumer.")
                            .put("messageId", messageId)
                            .put("topic", exchange.getProperty(PublishingPolicy.TOPIC, String.class)));
            reply.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
            AcceptedResponse.receipt(reply, messageId);
        }
    }

    /** Reads the reason of a discard, which is required. */
    public static final class ReadReason implements Processor {

        private static final int MAX_LENGTH = 1000;

        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            ReadId.read(message);
            JsonNode body = Json.ofBody(message);
            String reason = body.isMissingNode()
                    ? message.getHeader("reason", String.class)
                    : body.path("reason").asText(null);
            if (reason == null
                    || reason.isBlank()
                    || reason.codePointCount(0, reason.length()) > MAX_LENGTH
                    || reason.indexOf('\0') >= 0) {
                throw ProblemException.invalid(List.of(
                        new Violation("/reason", "is required, and at most " + MAX_LENGTH + " characters long")));
            }
            message.setHeader("reason", reason);
            message.setBody(null);
        }
    }

    /** Answers 404 or 409 for a dead letter that was not changed. */
    public static final class Rejection extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            throw bean(ReplayLease.class).rejection(exchange.getMessage().getHeader(ReplayLease.ID, Long.class));
        }
    }
}
