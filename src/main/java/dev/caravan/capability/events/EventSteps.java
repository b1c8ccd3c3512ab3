package dev.caravan.capability.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.AcceptedResponse;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.MessageOwner;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.publish.PublishingPolicy;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.topics.Topics;
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
public final class EventSteps {

    private static final Pattern JSON = Pattern.compile("application/(.+\\+)?json");
    private static final String MANY = "CaravanMany";
    /** The property with the topic: the one in the request, or the default. It is on the allow-list. */
    private static final String TOPIC = "CaravanTopic";

    private static final String DEADLINE = "CaravanDeadline";
    private static final int MAX_EVENTS = 500;

    private EventSteps() {}

    /** Reads the request as an event. An array or a batch becomes a list of events. */
    public static final class ReadEvents extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            String type = RequestValidator.mediaType(message, "application/json");
            String given = MessageId.given(name -> message.getHeader(name, String.class))
                    .orElse(null);
            byte[] body = message.getBody(byte[].class);
            boolean many = false;
            if (type.equals(CloudEvents.BATCH)) {
                many = true;
                message.setBody(items(batch(Json.parse(body)), CloudEvents::structured, given));
            } else if (type.equals(CloudEvents.STRUCTURED)) {
                message.setBody(new Item(Json.parse(body), CloudEvents::structured, given, null));
            } else if (isUnsupported(message, type)) {
                throw ProblemException.of(
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
                    throw ProblemException.malformed("An array must hold 1 to " + MAX_EVENTS + " events.");
                }
                message.setBody(
                        many ? items(json, Envelope::read, given) : new Item(json, Envelope::read, given, null));
            }
            exchange.setProperty(MANY, many);
            if (many) {
                String timeout = getCamelContext().resolvePropertyPlaceholders("{{publish.timeout}}");
                exchange.setProperty(DEADLINE, System.currentTimeMillis() + Durations.millis(timeout));
            }
            message.setHeaders(RequestValidator.traceHeaders(message));
            if (many && message.getBody(List.class).isEmpty()) {
                EventReceipts.answer(message);
                message.setBody(Json.bytes(List.of()));
                exchange.setRouteStop(true);
            }
        }

        /** Forms, CloudEvents in a format other than JSON, and other media types unless the event is binary. */
        private static boolean isUnsupported(Message message, String type) {
            return message.getBody() instanceof Map<?, ?>
                    || type.startsWith("application/cloudevents")
                    || !CloudEvents.isBinary(message) && !JSON.matcher(type).matches();
        }

        private static JsonNode batch(JsonNode json) {
            if (!json.isArray()) {
                throw ProblemException.malformed("A batch of CloudEvents must be an array.");
            }
            return json;
        }

        private static List<Item> items(JsonNode array, BiFunction<JsonNode, Schemas, Event> form, String given) {
            if (array.size() > MAX_EVENTS) {
                throw ProblemException.malformed("An array must hold at most " + MAX_EVENTS + " events.");
            }
            List<Item> items = new ArrayList<>(array.size());
            for (JsonNode each : array) {
                items.add(new Item(each, form, null, given == null ? null : given + "." + items.size()));
            }
            return items;
        }
    }

    /**
     * An event that has not been parsed yet.
     *
     * @param requestId the MessageID of the request, which takes precedence over the event's own, or null
     * @param itemId the MessageID from the request's MessageID and the position in the array, for an event without its
     *     own, or null
     */
    private record Item(JsonNode json, BiFunction<JsonNode, Schemas, Event> form, String requestId, String itemId) {

        Event read(Schemas schemas) {
            return form.apply(json, schemas);
        }

        String messageId(Event event) {
            return Stream.of(requestId, event.messageId(), itemId)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElseGet(MessageId::create);
        }
    }

    /** Chooses the topic and checks the value against its schema. */
    public static final class AddressEvent extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Item item = message.getBody(Item.class);
            Event event = item.read(bean(Schemas.class));
            String messageId = MessageOwner.full(exchange, item.messageId(event));
            exchange.setProperty(RequestValidator.MESSAGE_ID, messageId);
            requireTime(exchange);
            Topics topics = bean(Topics.class);
            List<String> allowed = topics.allowedTopics();
            String topic = event.topic() == null ? allowed.get(0) : event.topic();
            if (!allowed.contains(topic)) {
                throw ProblemException.of(
                        404,
                        "unknown-topic",
                        "Events may be published to: " + String.join(", ", allowed)
                                + ". EVENTS_TOPICS allows further topics.");
            }
            check(bean(Schemas.class), topics, topic, event);
            exchange.setProperty(TOPIC, topic);
            exchange.setProperty(RequestValidator.KEY, event.key());
            message.getHeaders().putAll(event.headers());
            message.setHeader(MessageId.HEADER, messageId);
            message.setBody(event.value());
        }

        /** Rejects events of an array that have not been tried before the response is due. */
        private static void requireTime(Exchange exchange) {
            Long deadline = exchange.getProperty(DEADLINE, Long.class);
            if (deadline != null && System.currentTimeMillis() > deadline) {
                throw ProblemException.notPublished(
                        "Not tried: Kafka did not take the events before this one in time.", 2, null);
            }
        }

        private static void check(Schemas schemas, Topics topics, String topic, Event event) {
            topics.findCapability(topic)
                    .filter(name -> schemas.find(name).isPresent())
                    .ifPresent(capability -> {
                        if (event.json() == null) {
                            throw ProblemException.of(422, "invalid", "The records of this topic are JSON.");
                        }
                        schemas.check(capability, event.json(), 422);
                    });
        }
    }

    /** Creates the receipt of one event. */
    public static final class EventReceipt implements Processor {
        @Override
        public void process(Exchange exchange) {
            RecordMetadata metadata = exchange.getProperty(PublishingPolicy.RECEIPT, RecordMetadata.class);
            String messageId =
                    MessageOwner.bare(exchange, exchange.getProperty(RequestValidator.MESSAGE_ID, String.class));
            ObjectNode receipt = Json.MAPPER.createObjectNode();
            receipt.put("status", 202);
            receipt.put("id", messageId);
            receipt.put("topic", metadata.topic());
            receipt.put("partition", metadata.partition());
            receipt.put("offset", metadata.hasOffset() ? metadata.offset() : null);
            receipt.put("location", AcceptedResponse.location(messageId));
            Message reply = exchange.getMessage();
            reply.removeHeaders("*");
            AcceptedResponse.receipt(reply, messageId);
            reply.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
            reply.setHeader(Exchange.CONTENT_TYPE, "application/json");
            reply.setBody(Json.bytes(receipt));
        }
    }

    /** Combines the receipts and problems of an array, in order, into one response 207. */
    public static final class EventReceipts implements AggregationStrategy {
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
                collecting.setProperty(RequestValidator.INCOMPLETE, true);
            }
            if (accepted != null && reply.getHeader("Message-ID") == null) {
                // With several receipts, the response headers are those of the first.
                AcceptedResponse.receipt(reply, accepted);
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
