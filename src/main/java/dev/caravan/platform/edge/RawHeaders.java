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
import org.apache.camel.Message;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A record's headers unchanged: in order, including repeated names, names that differ only by case, nulls and binary
 * values. Camel's header map keeps none of these.
 *
 * <p>In JSON they are an array of name and value pairs; a value that is not UTF-8 is {@code {"base64":"…"}}.
 */
public final class RawHeaders {

    /** The message header that holds all record headers for the producer. Records and requests cannot set it. */
    public static final String NAME = "caravan-raw-headers";

    private static final String BASE64 = "base64";

    /** The span that sends the record sets these, so the message's own value is newer. */
    private static final List<String> TRACE = List.of(TraceParent.HEADER, "tracestate");

    private RawHeaders() {}

    /** A copy of the consumed record's headers, without names that Camel acts on. */
    public static Headers of(Message message) {
        Headers copy = new RecordHeaders();
        Headers own = message.getHeader(KafkaHeaders.HEADERS, Headers.class);
        if (own != null) {
            for (Header header : own) {
                if (!dev.caravan.platform.edge.RecordHeaders.isActedOn(header.key())) {
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

    /** Makes these the only headers of the message's record. */
    public static void write(Message message, Headers headers) {
        message.setHeader(NAME, json(headers));
    }

    /** Replaces Camel's headers by those of {@link #write}, if there are any. */
    public static void restore(Headers made) {
        Header raw = made.lastHeader(NAME);
        if (raw == null) {
            return;
        }
        Headers headers = read(raw.value());
        for (String name : TRACE) {
            Header now = made.lastHeader(name);
            Header before = headers.lastHeader(name);
            if (now != null && (before == null || !Arrays.equals(now.value(), before.value()))) {
                headers.remove(name);
                headers.add(now);
            }
        }
        for (Header header : made.toArray()) {
            made.remove(header.key());
        }
        headers.forEach(made::add);
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
        JsonNode node = parsed(json);
        Headers headers = new RecordHeaders();
        if (node.isObject()) {
            node.fields().forEachRemaining(each -> headers.add(each.getKey(), bytes(each.getValue())));
        } else {
            node.forEach(pair -> headers.add(pair.get(0).asText(), bytes(pair.get(1))));
        }
        return headers;
    }

    /** An object by name, with an array of values for a name that occurs more than once. */
    public static ObjectNode shown(Headers headers) {
        ObjectNode shown = Json.MAPPER.createObjectNode();
        for (Header header : headers) {
            JsonNode value = value(header.value());
            JsonNode known = shown.get(header.key());
            if (known == null) {
                shown.set(header.key(), value);
            } else if (known instanceof ArrayNode values) {
                values.add(value);
            } else {
                shown.putArray(header.key()).add(known).add(value);
            }
        }
        return shown;
    }

    private static JsonNode value(byte[] bytes) {
        return bytes == null
                ? Json.MAPPER.nullNode()
                : Utf8.decode(bytes)
                        .<JsonNode>map(TextNode::valueOf)
                        .orElseGet(() -> Json.MAPPER.createObjectNode().put(BASE64, bytes));
    }

    private static byte[] bytes(JsonNode value) {
        try {
            return value.isNull()
                    ? null
                    : value.isObject()
                            ? value.get(BASE64).binaryValue()
                            : value.asText().getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode parsed(byte[] json) {
        try {
            return Json.MAPPER.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
