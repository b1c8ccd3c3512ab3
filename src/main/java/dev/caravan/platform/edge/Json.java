package dev.caravan.platform.edge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import dev.caravan.platform.context.Utf8;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Message;

/**
 * Strict JSON: one value, in UTF-8, without duplicate keys, with exact numbers. Limits: 200 levels, 500 digits in a
 * number, 10,000 characters in a name, because each of them makes reading more expensive.
 */
public final class Json {

    private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxNestingDepth(200)
            .maxNumberLength(500)
            .maxNameLength(10_000)
            .build();

    public static final ObjectMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder().streamReadConstraints(LIMITS).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .nodeFactory(new BoundedExponents())
            .build();

    private Json() {}

    /**
     * Rejects large exponents: a database rescales 1e-999999999, which takes minutes and all memory.
     */
    private static final class BoundedExponents extends JsonNodeFactory {

        private static final long serialVersionUID = 1L;
        private static final int MAX_EXPONENT = 1_000;

        @Override
        public ValueNode numberNode(BigDecimal number) {
            if (number != null && Math.abs((long) number.scale()) > MAX_EXPONENT) {
                throw tooLarge();
            }
            return super.numberNode(number);
        }

        static ProblemException tooLarge() {
            return ProblemException.malformed(
                    "The body is not valid JSON: a number has an exponent beyond " + MAX_EXPONENT + ".");
        }
    }

    /** @throws ProblemException 400 when the bytes are not exactly one JSON value */
    public static JsonNode parse(byte[] bytes) {
        if (bytes == null || bytes.length == 0) {
            throw ProblemException.malformed("The body is empty; it must be JSON.");
        }
        JsonNode json;
        try {
            json = MAPPER.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw ProblemException.malformed("The body is not JSON: " + describe(e));
        } catch (NumberFormatException e) {
            // Jackson throws it for an exponent that exceeds an int.
            throw BoundedExponents.tooLarge();
        } catch (CharConversionException e) {
            // Jackson mistakes some bytes for UTF-16 or UTF-32.
            throw notUtf8();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (json == null || json.isMissingNode()) {
            throw ProblemException.malformed("The body is empty; it must be JSON.");
        }
        if (!isStrictUtf8(bytes, json)) {
            throw notUtf8();
        }
        return json;
    }

    /**
     * Whether every parser reads the same text: UTF-8 as RFC 8259 requires, without a byte order mark and without
     * unpaired surrogates. Jackson accepts more, but a record keeps the bytes of the request for readers that may be
     * stricter, and no database stores an unpaired surrogate.
     */
    private static boolean isStrictUtf8(byte[] bytes, JsonNode json) {
        // Only UTF-16 and UTF-32 contain unescaped NULs. In UTF-8, an unpaired surrogate can only be an escape.
        return Utf8.decode(bytes)
                .filter(text -> !text.startsWith("\uFEFF")
                        && text.indexOf('\0') < 0
                        && (!text.contains("\\u")
                                || StandardCharsets.UTF_8.newEncoder().canEncode(json.toString())))
                .isPresent();
    }

    private static ProblemException notUtf8() {
        return ProblemException.malformed("The body is not valid JSON: it must be UTF-8, without a byte order mark"
                + " and without unpaired surrogates.");
    }

    /**
     * The optional body of a request; a missing node if it is empty.
     *
     * @throws ProblemException 400 if it is not exactly one JSON value, 415 if it is a form
     */
    public static JsonNode ofBody(Message message) {
        if (message.getBody() instanceof Map<?, ?>) {
            throw ProblemException.of(
                    415, "unsupported-media-type", "The body must be JSON with Content-Type: application/json.");
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

    private static String describe(JsonProcessingException e) {
        // Jackson's messages for these name its own classes.
        String error = e instanceof MismatchedInputException
                ? "there is more than one value"
                : e instanceof StreamConstraintsException
                        ? "it is nested too deeply, or a number or a name in it is too long"
                        : e.getOriginalMessage();
        var at = e.getLocation();
        return at == null ? error : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": " + error;
    }
}
