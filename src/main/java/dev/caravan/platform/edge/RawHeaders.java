package dev.caravan.platform.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.platform.context.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.camel.Message;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A record's headers unchanged: in order, including repeated names, names that differ only by case, nulls and binary
 * values. Camel's header map keeps none of these.
 *
 * <p>JSON format: an array of name and value pairs; a value that is not UTF-8 is {@code {"base64":"…"}}.
 */
public final class RawHeaders {

    /** The message header with all record headers, for the producer. Records and requests cannot set it. */
    public static final String NAME = "caravan-raw-headers";

    private static final String BASE64 = "base64";

    /** Set by the span that sends the record, so the message's value is newer. */
    private static final List<String> TRACE = List.of(TraceParent.HEADER, "tracestate");

    private RawHeaders() {}

    /** A copy of the consumed record's headers, without those that Camel interprets. */
    public static Headers of(Message message) {
        Headers copy = new RecordHeaders();
        Headers own = message.getHeader(KafkaHeaders.HEADERS, Headers.class);
        if (own != null) {
            for (Header header : own) {
                if (!ReservedHeaders.isCamelHeader(header.key())) {
                    copy.add(header);
                }
            }
        }
        return copy;
    }

    /**
     * Replaces all headers of that name.
     *
     * @param text null to only remove them
     */
    public static void set(Headers headers, String name, String text) {
        headers.remove(name);
        if (text != null) {
            headers.add(name, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Makes these the only headers of the record that the producer will send. */
    public static void write(Message message, Headers headers) {
        message.setHeader(NAME, json(headers));
    }

    /** Replaces the headers of the record that Camel has built by those of {@link #write}, if there are any. */
    public static void restore(Headers record) {
        Header raw = record.lastHeader(NAME);
        if (raw == null) {
            return;
        }
        Headers headers = read(raw.value());
        for (String name : TRACE) {
            Header now = record.lastHeader(name);
            Header before = headers.lastHeader(name);
            if (now != null && (before == null || !Arrays.equals(now.value(), before.value()))) {
                headers.remove(name);
                headers.add(now);
            }
        }
        for (Header header : record.toArray()) {
            record.remove(header.key());
        }
        headers.forEach(record::add);
    }

    public static byte[] json(Headers headers) {
        ArrayNode pairs = Json.MAPPER.createArrayNode();
        for (Header header : headers) {
            pairs.addArray().add(header.key()).add(value(header.value()));
        }
        return Json.bytes(pairs);
    }

    /** @param json as {@link #json} writes it, or an object of strings as written by earlier versions */
    public static Headers read(byte[] json) {
        Headers headers = new RecordHeaders();
        try {
            JsonNode node = Json.MAPPER.readTree(json);
            for (Map.Entry<String, JsonNode> each : node.properties()) {
                headers.add(each.getKey(), bytes(each.getValue()));
            }
            for (JsonNode pair : node.isArray() ? node : Json.MAPPER.createArrayNode()) {
                headers.add(pair.get(0).asText(), bytes(pair.get(1)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return headers;
    }

    /** An object by name, with an array of values for a name that occurs more than once. */
    public static ObjectNode byName(Headers headers) {
        ObjectNode byName = Json.MAPPER.createObjectNode();
        for (Header header : headers) {
            JsonNode value = value(header.value());
            JsonNode known = byName.get(header.key());
            if (known == null) {
                byName.set(header.key(), value);
            } else if (known instanceof ArrayNode values) {
                values.add(value);
            } else {
                byName.putArray(header.key()).add(known).add(value);
            }
        }
        return byName;
    }

    private static JsonNode value(byte[] bytes) {
        return bytes == null
                ? Json.MAPPER.nullNode()
                : Utf8.decode(bytes)
                        .<JsonNode>map(TextNode::valueOf)
                        .orElseGet(() -> Json.MAPPER.createObjectNode().put(BASE64, bytes));
    }

    private static byte[] bytes(JsonNode value) throws IOException {
        return value.isNull()
                ? null
                : value.isObject()
                        ? value.get(BASE64).binaryValue()
                        : value.asText().getBytes(StandardCharsets.UTF_8);
    }
}
