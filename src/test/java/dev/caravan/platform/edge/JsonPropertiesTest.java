package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class JsonPropertiesTest {

    private static final JsonNodeFactory NODES = Json.MAPPER.getNodeFactory();

    /** Text that UTF-8 can encode. */
    @Provide
    static Arbitrary<String> texts() {
        return Arbitraries.strings().ofMaxLength(30).map(text -> new String(utf8(text), StandardCharsets.UTF_8));
    }

    @Provide
    static Arbitrary<JsonNode> values() {
        Arbitrary<JsonNode> simple = Arbitraries.oneOf(
                texts().map(NODES::textNode),
                Arbitraries.bigDecimals().ofScale(20).map(number -> Json.MAPPER.valueToTree((BigDecimal) number)),
                Arbitraries.longs().map(NODES::numberNode),
                Arbitraries.of(NODES.booleanNode(true), NODES.booleanNode(false), NODES.nullNode()));
        return Arbitraries.recursive(
                () -> simple,
                inner -> Arbitraries.oneOf(
                        inner.list().ofMaxSize(4).map(items -> NODES.arrayNode().addAll(items)),
                        Arbitraries.maps(texts(), inner).ofMaxSize(4).map(fields -> NODES.objectNode()
                                .setAll(fields))),
                0,
                4);
    }

    /** A document with one part replaced. */
    @Provide
    static Arbitrary<byte[]> broken() {
        return Combinators.combine(
                        values().map(Json::bytes),
                        Arbitraries.integers().between(0, 1_000),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(3))
                .as(JsonPropertiesTest::broken);
    }

    private static byte[] broken(byte[] json, int place, int removed, byte[] put) {
        int from = place % (json.length + 1);
        int to = Math.min(json.length, from + removed);
        byte[] broken = Arrays.copyOf(json, from + put.length + json.length - to);
        System.arraycopy(put, 0, broken, from, put.length);
        System.arraycopy(json, to, broken, from + put.length, json.length - to);
        return broken;
    }

    @Property
    void writtenJsonIsReadUnchanged(@ForAll("values") JsonNode value) {
        assertThat(Json.parse(Json.bytes(value))).isEqualTo(Json.parse(utf8(value.toString())));
    }

    @Property
    void readsOrRejectsAnyText(@ForAll String text) {
        isReadOrRefused(utf8(text));
    }

    @Property
    void readsOrRejectsAnyBytes(@ForAll byte[] bytes) {
        isReadOrRefused(bytes);
    }

    @Property
    void readsOrRejectsBrokenDocuments(@ForAll("broken") byte[] bytes) {
        isReadOrRefused(bytes);
    }

    /** Accepted text is UTF-8 and stays the same when written again. */
    private static void isReadOrRefused(byte[] bytes) {
        try {
            JsonNode read = Json.parse(bytes);

            assertThat(utf8(new String(bytes, StandardCharsets.UTF_8))).isEqualTo(bytes);
            assertThat(read.equals(JsonPropertiesTest::byValue, Json.parse(Json.bytes(read))))
                    .as("%s is the same once it has been written again", read)
                    .isTrue();
        } catch (ProblemException problemException) {
            assertThat(problemException.status()).isEqualTo(400);
            assertThat(problemException.type()).isEqualTo("malformed");
            assertThat(problemException.getMessage()).startsWith("The body is ").doesNotContain("com.fasterxml");
        }
    }

    /** 1.0E1 is written as 10, which is another type of node. */
    private static int byValue(JsonNode one, JsonNode other) {
        return one.isNumber() && other.isNumber()
                ? one.decimalValue().compareTo(other.decimalValue())
                : one.equals(other) ? 0 : 1;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
