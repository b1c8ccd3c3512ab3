package dev.caravan.capability.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.Utf8;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemException.Violation;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.edge.Schemas;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Maps a CloudEvent 1.0 over HTTP, in binary or structured mode, to a record in binary mode of the Kafka binding.
 * Attributes become {@code ce_*} headers, the data becomes the value, and {@code partitionkey} the key. One schema checks
 * the attributes of both modes, as the JSON of structured mode. The CloudEvents SDK is not used, because it reads numbers
 * as doubles and accepts invalid JSON.
 */
final class CloudEvents {

    static final String STRUCTURED = "application/cloudevents+json";
    static final String BATCH = "application/cloudevents-batch+json";

    private static final String PREFIX = "ce-";
    private static final String CONTENT_TYPE = "datacontenttype";
    private static final String DATA = "data";
    private static final String DATA_BASE64 = "data_base64";
    private static final Pattern JSON = Pattern.compile("[^/;]+/([^;]+\\+)?json\\s*(;.*)?", Pattern.CASE_INSENSITIVE);

    private CloudEvents() {}

    static boolean isBinary(Message message) {
        return message.getHeader(PREFIX + "specversion") != null;
    }

    /** Binary mode: the attributes are headers, and the body is the data. */
    static Event binary(Message message, byte[] body, Schemas schemas) {
        ObjectNode attributes = attributes(message);
        schemas.check("cloud-event", attributes, 400);
        byte[] data = body == null ? new byte[0] : body;
        return event(attributes, data, isJson(attributes) && data.length > 0 ? Json.parse(data) : null);
    }

    /** Structured mode: attributes and data are one JSON object. */
    static Event structured(JsonNode json, Schemas schemas) {
        schemas.check("cloud-event", json, 400);
        ObjectNode attributes = json.deepCopy();
        JsonNode data = attributes.remove(DATA);
        JsonNode encoded = attributes.remove(DATA_BASE64);
        if (encoded != null && !encoded.isNull()) {
            byte[] bytes = decoded(encoded.textValue());
            return event(attributes, bytes, isJson(attributes) ? Json.parse(bytes) : null);
        }
        if (data == null) {
            return event(attributes, new byte[0], null);
        }
        return isJson(attributes)
                ? event(attributes, Json.bytes(data), data)
                : event(attributes, data.asText("").getBytes(StandardCharsets.UTF_8), null);
    }

    private static Event event(ObjectNode attributes, byte[] data, JsonNode json) {
        Map<String, Object> headers = new HashMap<>();
        attributes.properties().forEach(each -> {
            if (!each.getValue().isNull() && !each.getKey().equals(CONTENT_TYPE)) {
                headers.put("ce_" + each.getKey(), each.getValue().asText());
            }
        });
        headers.put(RequestValidator.CONTENT_TYPE, attributes.path(CONTENT_TYPE).asText("application/json"));
        String key = attributes.hasNonNull("partitionkey")
                ? attributes.get("partitionkey").textValue()
                : null;
        String messageId = MessageId.ofCloudEvent(
                attributes.get("source").textValue(), attributes.get("id").textValue());
        return new Event(null, key, data, json, headers, messageId);
    }

    /** Data without a content type is JSON. */
    private static boolean isJson(ObjectNode attributes) {
        return !attributes.hasNonNull(CONTENT_TYPE)
                || JSON.matcher(attributes.get(CONTENT_TYPE).textValue()).matches();
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid(List.of(new Violation("/" + DATA_BASE64, "must be Base64")));
        }
    }

    private static ObjectNode attributes(Message message) {
        ObjectNode attributes = Json.MAPPER.createObjectNode();
        message.getHeaders().forEach((name, value) -> {
            if (value instanceof String text && name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
                String attribute = name.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
                if (attribute.equals(DATA) || attribute.equals(DATA_BASE64)) {
                    throw ProblemException.malformed(
                            "In binary mode the body is the data; there is no header " + name + ".");
                }
                attributes.put(attribute, percentDecoded(name, text));
            }
        });
        // In binary mode, this attribute is the header Content-Type.
        attributes.remove(CONTENT_TYPE);
        String type = message.getHeader(Exchange.CONTENT_TYPE, String.class);
        if (type != null) {
            attributes.put(CONTENT_TYPE, type);
        }
        return attributes;
    }

    /**
     * Decodes a header as the CloudEvents HTTP binding requires: removes the double quotes around a value, then decodes
     * escapes as UTF-8 bytes.
     */
    private static String percentDecoded(String name, String value) {
        String text = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1")
                : value;
        if (text.indexOf('%') < 0 && StandardCharsets.US_ASCII.newEncoder().canEncode(text)) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        try {
            for (int at = 0; at < text.length(); at++) {
                if (text.charAt(at) == '%') {
                    bytes.write(Integer.parseUnsignedInt(text, at + 1, at + 3, 16));
                    at += 2;
                } else {
                    // The server reads each byte of a header as one character.
                    bytes.write(text.charAt(at));
                }
            }
            return Utf8.decode(bytes.toByteArray()).orElseThrow(NumberFormatException::new);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw ProblemException.malformed("The header " + name + " is not percent-encoded UTF-8.");
        }
    }
}
