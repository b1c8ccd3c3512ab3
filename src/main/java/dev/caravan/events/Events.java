package dev.caravan.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.context.InContext;
import dev.caravan.edge.Answer;
import dev.caravan.edge.Edge;
import dev.caravan.edge.Json;
import dev.caravan.edge.MessageId;
import dev.caravan.edge.MessageOwner;
import dev.caravan.edge.Problem;
import dev.caravan.edge.Schemas;
import dev.caravan.publish.Publishing;
import dev.caravan.settings.Durations;
import dev.caravan.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.kafka.clients.producer.RecordMetadata;

/** The steps of {@code POST /api/v1/events}: one event, an array of them, or a CloudEvent. */
public final class Events {

    private static final Pattern JSON = Pattern.compile("application/(.+\\+)?json");
    private static final String MANY = "CaravanMany";
    /** The topic that the caller named, or the default one; always one of the allow-list. */
    private static final String TOPIC = "CaravanTopic";

    private static final String DEADLINE = "CaravanDeadline";
    private static final int MAX_MANY = 500;

    private Events() {}

    /** The request as an event, or, for an array or a batch, as the list of what stands in it. */
    public static final class Read extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            String type = Edge.mediaType(message, "application/json");
            String given = MessageId.given(name -> message.getHeader(name, String.class))
                    .orElse(null);
            byte[] body = message.getBody(byte[].class);
            boolean many = false;
            if (type.equals(CloudEvents.BATCH)) {
                many = true;
                message.setBody(items(batch(Json.parse(body)), CloudEvents::structured, given));
            } else if (type.equals(CloudEvents.STRUCTURED)) {
                message.setBody(new Item(Json.parse(body), CloudEvents::structured, given, null));
            } else if (isUnread(message, type)) {
                throw Problem.of(
                        415,
                        "unsupported-media-type",
                        "An event is JSON, or a CloudEvent in binary mode, " + CloudEvents.STRUCTURED + " or "
                                + CloudEvents.BATCH + ".");
            } else if (CloudEvents.isBinary(message)) {
                Event event = CloudEvents.binary(message, body, bean(Schemas.class));
                message.setBody(new Item(null, (json, schemas) -> event, given, null));
            } else {
                JsonNode json = Json.parse(body);
                many = json.isArray();
                if (json.isEmpty() && many) {
                    throw Problem.malformed("An array must hold 1 to " + MAX_MANY + " events.");
                }
                message.setBody(
                        many ? items(json, Envelope::read, given) : new Item(json, Envelope::read, given, null));
            }
            exchange.setProperty(MANY, many);
            if (many) {
                exchange.setProperty(DEADLINE, System.currentTimeMillis() + timeout(exchange));
            }
            message.setHeaders(Edge.handedOn(message));
            if (many && message.getBody(List.class).isEmpty()) {
                Receipts.answer(message);
                message.setBody(Json.bytes(List.of()));
                exchange.setRouteStop(true);
            }
        }

        /** A form's bytes are gone; so are those of a CloudEvent in another format, which a batch or an event would be in. */
        private static boolean isUnread(Message message, String type) {
            return message.getBody() instanceof Map<?, ?>
                    || type.startsWith("application/cloudevents")
                    || !CloudEvents.isBinary(message) && !JSON.matcher(type).matches();
        }

        private static JsonNode batch(JsonNode json) {
            if (!json.isArray()) {
                throw Problem.malformed("A batch of CloudEvents must be an array.");
            }
            return json;
        }

        private static List<Item> items(JsonNode array, BiFunction<JsonNode, Schemas, Event> form, String given) {
            if (array.size() > MAX_MANY) {
                throw Problem.malformed("An array must hold at most " + MAX_MANY + " events.");
            }
            List<Item> items = new ArrayList<>(array.size());
            for (JsonNode each : array) {
                items.add(new Item(each, form, null, given == null ? null : given + "." + items.size()));
            }
            return items;
        }

        private static long timeout(Exchange exchange) {
            return Durations.millis(exchange.getContext().resolvePropertyPlaceholders("{{publish.timeout}}"));
        }
    }

    /**
     * An event that has not been read yet.
     *
     * @param given the request's name for it, which comes before its own; null: none
     * @param place the name that its place in a request with a name gives it, where it has none of its own; null: none
     */
    private record Item(JsonNode json, BiFunction<JsonNode, Schemas, Event> form, String given, String place) {

        Event read(Schemas schemas) {
            return form.apply(json, schemas);
        }

        String nameOf(Event event) {
            return Stream.of(given, event.messageId(), place)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElseGet(MessageId::create);
        }
    }

    /** Chooses the topic and checks the value against its schema. */
    public static final class Addressed extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Item item = message.getBody(Item.class);
            Event event = item.read(bean(Schemas.class));
            String messageId = MessageOwner.full(exchange, item.nameOf(event));
            exchange.setProperty(Edge.MESSAGE_ID, messageId);
            inTime(exchange);
            Topics topics = bean(Topics.class);
            List<String> allowed = topics.callersMayName();
            String topic = event.topic() == null ? allowed.get(0) : event.topic();
            if (!allowed.contains(topic)) {
                throw Problem.of(
                        404,
                        "unknown-topic",
                        "Events may be published to: " + String.join(", ", allowed)
                                + ". EVENTS_TOPICS allows further topics.");
            }
            check(bean(Schemas.class), topics, topic, event);
            exchange.setProperty(TOPIC, topic);
            exchange.setProperty(Edge.KEY, event.key());
            message.getHeaders().putAll(event.headers());
            message.setHeader(MessageId.HEADER, messageId);
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
            String messageId = MessageOwner.bare(exchange, exchange.getProperty(Edge.MESSAGE_ID, String.class));
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
                answer(one.getMessage());
                one.getMessage().setBody(Json.MAPPER.createArrayNode());
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

        private static void answer(Message reply) {
            reply.removeHeaders("*");
            reply.setHeader(Exchange.HTTP_RESPONSE_CODE, 207);
            reply.setHeader(Exchange.CONTENT_TYPE, "application/json");
        }

        @Override
        public void onCompletion(Exchange exchange) {
            exchange.getMessage().setBody(Json.bytes(exchange.getMessage().getBody(ArrayNode.class)));
        }
    }
}
