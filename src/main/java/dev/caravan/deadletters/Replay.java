package dev.caravan.deadletters;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.context.InContext;
import dev.caravan.edge.Answer;
import dev.caravan.edge.Edge;
import dev.caravan.edge.Json;
import dev.caravan.edge.MessageId;
import dev.caravan.edge.Problem;
import dev.caravan.edge.Problem.Violation;
import dev.caravan.edge.RecordHeaders;
import dev.caravan.edge.Schemas;
import dev.caravan.http.Rows;
import dev.caravan.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** A dead letter's message, back to the topic that it came from: as it is, or edited. */
public final class Replay {

    /** The property that holds the {@link Edit}; absent where the message goes back as it is. */
    static final String EDIT = "edit";

    record Edit(JsonNode json) {}

    private Replay() {}

    /** The id of the path, and the edit, if the body is one. */
    public static final class Asked extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Identified.read(message);
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

    /** A path whose id is no number leads to no dead letter. */
    public static final class Identified implements Processor {
        @Override
        public void process(Exchange exchange) {
            read(exchange.getMessage());
        }

        static void read(Message message) {
            String id = message.getHeader(Claim.ID, String.class);
            if (!id.matches("\\d{1,18}")) {
                throw DeadLetter.missing();
            }
            message.setHeader(Claim.ID, Long.parseLong(id));
        }
    }

    /** The row as the record that is published. Its headers pass the edge again: what only a consumer writes stays behind. */
    public static final class Prepared extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Map<String, Object> row = DeadLetter.row(message);
            Edit edit = exchange.getProperty(EDIT, Edit.class);
            String topic = (String) row.get("topic");
            String capability = bean(Topics.class)
                    .findCapability(topic)
                    .orElseThrow(
                            () -> Problem.of(409, "unknown-topic", "No route reads the topic " + topic + " any more."));
            Map<String, Object> headers = new HashMap<>();
            Json.parse(((String) row.get("headers")).getBytes(StandardCharsets.UTF_8))
                    .fields()
                    .forEachRemaining(header -> {
                        if (!RecordHeaders.isReserved(header.getKey())) {
                            headers.put(header.getKey(), header.getValue().asText());
                        }
                    });
            byte[] value = (byte[]) row.get("payload");
            if (edit != null) {
                headers.putAll(RecordHeaders.given(edit.json().path("headers"), 422));
                if (edit.json().has("value")) {
                    JsonNode edited = edit.json().get("value");
                    Schemas schemas = bean(Schemas.class);
                    if (schemas.find(capability).isPresent()) {
                        schemas.check(capability, edited, 422);
                    }
                    value = Json.bytes(edited);
                    headers.put(Edge.CONTENT_TYPE, "application/json");
                }
            }
            headers.put(MessageId.HEADER, row.get("messageId"));
            headers.put(RecordHeaders.REPLAY_COUNT, Integer.toString(((Number) row.get("replays")).intValue() + 1));
            message.removeHeaders("*");
            message.getHeaders().putAll(headers);
            message.setBody(value);
            exchange.setProperty(Edge.TOPIC, topic);
            exchange.setProperty(Edge.KEY, row.get("recordKey"));
            exchange.setProperty(Edge.MESSAGE_ID, row.get("messageId"));
        }
    }

    /** 202: it is back, and its way can be followed. */
    public static final class Answered implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message reply = exchange.getMessage();
            String messageId = exchange.getProperty(Edge.MESSAGE_ID, String.class);
            Rows.answer(
                    reply,
                    Json.MAPPER
                            .createObjectNode()
                            .put("message", "The message is back on its topic.")
                            .put("messageId", messageId)
                            .put("topic", exchange.getProperty(Edge.TOPIC, String.class)));
            reply.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
            Answer.receipt(reply, messageId);
        }
    }

    /** The reason of a discard, without which nobody will know later. */
    public static final class Reason implements Processor {

        private static final int LONGEST = 1000;

        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Identified.read(message);
            JsonNode body = Json.ofBody(message);
            String reason = body.isMissingNode()
                    ? message.getHeader("reason", String.class)
                    : body.path("reason").asText(null);
            if (reason == null
                    || reason.isBlank()
                    || reason.codePointCount(0, reason.length()) > LONGEST
                    || reason.indexOf('\0') >= 0) {
                throw Problem.invalid(
                        List.of(new Violation("/reason", "is required, and at most " + LONGEST + " characters long")));
            }
            message.setHeader("reason", reason);
            message.setBody(null);
        }
    }

    /** Says why nothing was changed. */
    public static final class Refused extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            throw bean(Claim.class).refused(exchange.getMessage().getHeader(Claim.ID, Long.class));
        }
    }
}
