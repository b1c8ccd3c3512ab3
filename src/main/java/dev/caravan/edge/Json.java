package dev.caravan.edge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.camel.Message;

/** JSON as Caravan reads it: one value, no duplicate keys, numbers kept exact. */
public final class Json {

    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Json() {}

    /** @throws Problem 400 when the bytes are not exactly one JSON value */
    public static JsonNode parse(byte[] bytes) {
        if (bytes == null || bytes.length == 0) {
            throw Problem.malformed("The body is empty; it must be JSON.");
        }
        JsonNode json;
        try {
            json = MAPPER.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw Problem.malformed("The body is not JSON: " + where(e));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (json == null || json.isMissingNode()) {
            throw Problem.malformed("The body is empty; it must be JSON.");
        }
        return json;
    }

    /**
     * The body of a request that need not have one: a missing node where there is none.
     *
     * @throws Problem 400 when it is not exactly one JSON value, 415 when it is a form
     */
    public static JsonNode ofBody(Message message) {
        if (message.getBody() instanceof Map<?, ?>) {
            throw Problem.of(415, "unsupported-media-type", "The body is JSON, with Content-Type: application/json.");
        }
        byte[] body = message.getBody(byte[].class);
        return body == null || body.length == 0 ? MissingNode.getInstance() : parse(body);
    }

    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String where(JsonProcessingException e) {
        // Of this one Jackson's text names its own classes.
        String what = e instanceof MismatchedInputException ? "there is more than one value" : e.getOriginalMessage();
        var at = e.getLocation();
        return at == null ? what : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": " + what;
    }
}
