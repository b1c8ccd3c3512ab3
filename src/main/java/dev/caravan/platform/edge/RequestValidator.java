package dev.caravan.platform.edge;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Validates a request of any capability: checks JSON or a form against the capability's schema, assigns the MessageID,
 * and replaces the request's headers by those of the record.
 *
 * <p>Afterwards the body is the record's payload (for JSON, the request's bytes unchanged). Exchange properties:
 * {@link #JSON}, the parsed payload, and the record's {@link #KEY} and {@link #MESSAGE_ID}.
 */
public final class RequestValidator implements Processor {

    /** The record header with the media type. Names of record headers are case-sensitive, unlike those of HTTP. */
    public static final String CONTENT_TYPE = "content-type";

    public static final String KEY = "CaravanKey";
    public static final String MESSAGE_ID = "CaravanMessageId";
    public static final String JSON = "CaravanJson";

    /** The exchange property that is true if a part of the request was not published and may be sent again. */
    public static final String INCOMPLETE = "CaravanIncomplete";

    private static final String TRACE_STATE = "tracestate";

    private final Schemas schemas;
    private final String schema;
    private final JsonPointer key;

    /**
     * @param schema its name, or {@code none}
     * @param key JSON Pointer to the record's key; null for none
     */
    RequestValidator(Schemas schemas, String schema, String key) {
        this.schemas = schemas;
        this.schema = schema;
        this.key = key == null ? null : JsonPointer.compile(key);
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        JsonNode json;
        byte[] bytes;
        if (mediaType(message, "").equals("application/x-www-form-urlencoded")) {
            json = form(message.getBody());
            bytes = Json.bytes(json);
        } else {
            bytes = message.getBody(byte[].class);
            json = Json.parse(bytes);
        }
        schemas.check(schema, json, 400);
        String messageId = MessageOwner.full(exchange, MessageId.of(name -> message.getHeader(name, String.class)));
        Map<String, Object> headers = traceHeaders(message);
        headers.put(CONTENT_TYPE, "application/json");
        headers.put(MessageId.HEADER, messageId);
        // Camel would copy a new map.
        message.getHeaders().clear();
        message.getHeaders().putAll(headers);
        message.setBody(bytes);
        exchange.setProperty(JSON, json);
        exchange.setProperty(MESSAGE_ID, messageId);
        if (key != null) {
            exchange.setProperty(KEY, json.at(key).asText());
        }
    }

    /** The record's trace headers: the request's own, or a new trace. Also sets {@link TraceParent#PROPERTY}. */
    public static Map<String, Object> traceHeaders(Message message) {
        Map<String, Object> headers = new HashMap<>();
        String given = message.getHeader(TraceParent.HEADER, String.class);
        boolean continued = TraceParent.isValid(given);
        String trace = continued ? TraceParent.toVersion00(given) : TraceParent.create();
        headers.put(TraceParent.HEADER, trace);
        if (continued && message.getHeader(TRACE_STATE) != null) {
            headers.put(TRACE_STATE, message.getHeader(TRACE_STATE, String.class));
        }
        message.getExchange().setProperty(TraceParent.PROPERTY, trace);
        return headers;
    }

    /** The request's media type in lower case, without parameters. */
    public static String mediaType(Message message, String absent) {
        String type = message.getHeader(Exchange.CONTENT_TYPE, absent, String.class);
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    /** Form fields are strings; converts those that are integers in the schema. */
    private JsonNode form(Object fields) {
        JsonNode properties = schemas.find(schema)
                .map(found -> found.getSchemaNode().path("properties"))
                .orElse(MissingNode.getInstance());
        ObjectNode json = Json.MAPPER.createObjectNode();
        if (fields instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                String field = String.valueOf(name);
                boolean integer =
                        "integer".equals(properties.path(field).path("type").asText());
                json.set(field, integer ? number(value) : Json.MAPPER.valueToTree(value));
            });
        }
        return json;
    }

    private static JsonNode number(Object value) {
        try {
            return Json.MAPPER.getNodeFactory().numberNode(Long.parseLong(String.valueOf(value)));
        } catch (NumberFormatException e) {
            return Json.MAPPER.valueToTree(value);
        }
    }
}
