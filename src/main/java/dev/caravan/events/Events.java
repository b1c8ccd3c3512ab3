package dev.caravan.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.context.InContext;
import dev.caravan.edge.Answer;
import dev.caravan.edge.Edge;
import dev.caravan.edge.Json;
import dev.caravan.edge.MessageId;
import dev.caravan.edge.Problem;
import dev.caravan.edge.Schemas;
import dev.caravan.publish.Publishing;
import dev.caravan.settings.Durations;
import dev.caravan.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.kafka.clients.producer.RecordMetadata;

/** The steps of {@code POST /api/v1/events}: one event, an array of them, or a CloudEvent. */
public final class Events {

    private static final Pattern JSON = Pattern.compile("application/([^;]+\\+)?json", Pattern.CASE_INSENSITIVE);
    private static final String MANY = "many";
    private static final String DEADLINE = "deadline";
    private static final int MAX_MANY = 500;

    private Events() {}

    /** The request as an event, or, for an array, as the list of what stands in it. */
    public static final class Read extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            byte[] body = message.getBody(byte[].class);
            Map<String, Object> handedOn = Edge.handedOn(message);
            exchange.setProperty(MANY, false);
            if (CloudEvents.isOne(message)) {
                message.setBody(CloudEvents.read(message, body == null ? new byte[0] : body, handedOn));
                return;
            }
            if (!isJson(message)) {
                throw Problem.of(415, "unsupported-media-type", "An event is JSON, or a CloudEvent.");
            }
            JsonNode json = Json.parse(body);
            String given = MessageId.of(name -> message.getHeader(name, String.class));
            if (json.isArray()) {
                exchange.setProperty(MANY, true);
                exchange.setProperty(DEADLINE, System.currentTimeMillis() + timeout(exchange));
                message.setBody(items((ArrayNode) json, message, given));
                message.setHeaders(handedOn);
            } else {
                message.setBody(Envelope.read(json, bean(Schemas.class), handedOn, given));
            }
        }

        private static boolean isJson(Message message) {
            String type = message.getHeader(Exchange.CONTENT_TYPE, "application/json", String.class);
            return JSON.matcher(type).lookingAt();
        }

        /** A key that the client gave names the whole request; each event gets its place added. */
        private static List<Item> items(ArrayNode array, Message message, String given) {
            if (array.isEmpty() || array.size() > MAX_MANY) {
                throw Problem.malformed("An array must hold 1 to " + MAX_MANY + " events.");
            }
            boolean named = message.getHeader("Idempotency-Key") != null || message.getHeader("Message-ID") != null;
            List<Item> items = new ArrayList<>(array.size());
            for (int i = 0; i < array.size(); i++) {
                items.add(new Item(array.get(i), named ? given + "." + i : MessageId.of(name -> null)));
            }
            return items;
        }

        private static long timeout(Exchange exchange) {
            return Durations.millis(exchange.getContext().resolvePropertyPlaceholders("{{publish.timeout}}"));
        }
    }

    private record Item(JsonNode json, String messageId) {}

    /** Chooses the topic and checks the value against its schema. */
    public static final class Addressed extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Event event = message.getBody() instanceof Item item
                    ? Envelope.read(item.json(), bean(Schemas.class), message.getHeaders(), item.messageId())
                    : message.getBody(Event.class);
            exchange.setProperty(Edge.MESSAGE_ID, event.headers().get(MessageId.HEADER));
            inTime(exchange);
            Topics topics = bean(Topics.class);
            List<String> allowed = topics.callersMayName();
            String topic = event.topic() == null ? allowed.get(0) : event.topic();
            if (!allowed.contains(topic)) {
                throw Problem.of(404, "unknown-topic", "There is no topic of that name to publish to.");
            }
            check(bean(Schemas.class), topics, topic, event);
            exchange.setProperty(Edge.TOPIC, topic);
            exchange.setProperty(Edge.KEY, event.key());
            message.setHeaders(event.headers());
            message.setBody(event.value());
        }

        /** The answer is due: what has not been tried by now is not tried. */
        private static void inTime(Exchange exchange) {
            Long deadline = exchange.getProperty(DEADLINE, Long.class);
            if (deadline != null && System.currentTimeMillis() > deadline) {
                throw Problem.notPublished(
                        "Not tried: Kafka did not take the events before this one in time.", 2, null);
            }
        }

        private static void check(Schemas schemas, Topics topics, String topic, Event event) {
            topics.findCapability(topic)
                    .filter(name -> schemas.find(name).isPresent())
                    .ifPresent(capability -> {
                        if (event.json() == null) {
                            throw Problem.of(422, "invalid", "The records of this topic are JSON.");
                        }
                        schemas.check(capability, event.json(), 422);
                    });
        }
    }

    /** The receipt of one event. */
    public static final class Receipt implements Processor {
        @Override
        public void process(Exchange exchange) {
            RecordMetadata metadata = exchange.getProperty(Publishing.RECEIPT, RecordMetadata.class);
            String messageId = exchange.getProperty(Edge.MESSAGE_ID, String.class);
            ObjectNode receipt = Json.MAPPER.createObjectNode();
            receipt.put("status", 202);
            receipt.put("id", messageId);
            receipt.put("topic", metadata.topic());
            receipt.put("partition", metadata.partition());
            receipt.put("offset", metadata.hasOffset() ? metadata.offset() : null);
            receipt.put("location", Answer.location(messageId));
            Message reply = exchange.getMessage();
            reply.removeHeaders("*");
            Answer.receipt(reply, messageId);
            reply.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
            reply.setHeader(Exchange.CONTENT_TYPE, "application/json");
            reply.setBody(Json.bytes(receipt));
        }
    }

    /** The receipts and problems of an array, in its order, as one answer 207. */
    public static final class Receipts implements AggregationStrategy {
        @Override
        public Exchange aggregate(Exchange all, Exchange one) {
            Exchange collecting = all == null ? one : all;
            byte[] body = one.getMessage().getBody(byte[].class);
            String accepted = one.getMessage().getHeader("Message-ID", String.class);
            int status = one.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
            if (all == null) {
                Message first = one.getMessage();
                first.removeHeaders("*");
                first.setHeader(Exchange.HTTP_RESPONSE_CODE, 207);
                first.setHeader(Exchange.CONTENT_TYPE, "application/json");
                first.setBody(Json.MAPPER.createArrayNode());
            }
            Message reply = collecting.getMessage();
            reply.getBody(ArrayNode.class).add(Json.parse(body));
            if (status >= 500) {
                collecting.setProperty(Edge.INCOMPLETE, true);
            }
            if (accepted != null && reply.getHeader("Message-ID") == null) {
                // Of several receipts the answer's own headers are the first one's.
                Answer.receipt(reply, accepted);
            }
            return collecting;
        }

        @Override
        public void onCompletion(Exchange exchange) {
            exchange.getMessage().setBody(Json.bytes(exchange.getMessage().getBody(ArrayNode.class)));
        }
    }
}
