package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[1",
                "{\"a\":",
                "{\"a\":1",
                "\"a",
                "tru",
                "{} {}",
                "{}x",
                "1 2",
                "{}]",
                "{\"a\":1,\"a\":1}",
                "{\"a\":{\"b\":1,\"b\":2}}",
                "[{\"a\":1,\"a\":2}]",
                "{'a':1}",
                "{a:1}",
                "[1,]",
                "{\"a\":1,}",
                "NaN",
                "Infinity",
                "-Infinity",
                "+1",
                ".5",
                "1.",
                "-",
                "0x10",
                "1e",
                "nul",
                "True",
                "undefined",
                "[1 2]",
                "{\"a\" 1}",
                "[,1]",
                "{1:1}",
                "\"\\x41\"",
                "\"\\u12\"",
                "\"\\uD83D\\u\"",
                "\"\t\"",
                "/* x */1",
                "1 // x",
                "# x",
                "\f1",
                "\u00a01",
                "{}{}",
                "[]\uFEFF",
                "{\"a\":1,\"\\u0061\":1}",
                "01",
                "// x\n1",
                "\"a\nb\"",
                "text=hello",
                "<a/>"
            })
    void rejectsAnythingButOneValue(String text) {
        ProblemException problemException = refused(text.getBytes(StandardCharsets.UTF_8));

        assertThat(problemException.status()).isEqualTo(400);
        assertThat(problemException.type()).isEqualTo("malformed");
        assertThat(problemException.getMessage())
                .startsWith("The body is not JSON: line ")
                .doesNotContain("com.fasterxml");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "\n\t "})
    void rejectsAnEmptyBody(String text) {
        ProblemException problemException = refused(text == null ? null : text.getBytes(StandardCharsets.UTF_8));

        assertThat(problemException.status()).isEqualTo(400);
        assertThat(problemException).hasMessage("The body is empty; it must be JSON.");
    }

    @Test
    void rejectsInvalidUtf8() {
        assertThat(refused(new byte[] {'"', (byte) 0xff, (byte) 0xfe, '"'}).status())
                .isEqualTo(400);
        assertThat(refused(new byte[] {'"', (byte) 0xc3, '"'}).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32", "UTF-32BE", "UTF-32LE"})
    void rejectsOtherEncodings(String charset) {
        for (String text : List.of("{\"text\":\"a\"}", "\uFEFF{\"text\":\"a\"}", "[1]", "12", "\"\u20ac\"")) {
            assertThat(refused(text.getBytes(Charset.forName(charset))).status())
                    .as(text)
                    .isEqualTo(400);
        }
    }

    /** Begins like UTF-32 and continues with an invalid character. */
    @Test
    void rejectsBytesThatJacksonMistakesForAnotherEncoding() {
        ProblemException problemException = refused(new byte[] {0, 0, 0, '"', 0, (byte) 0xfe, 0, 0});

        assertThat(problemException.status()).isEqualTo(400);
        assertThat(problemException.getMessage()).contains("it must be UTF-8");
    }

    @Test
    void rejectsTextThatParsersReadDifferently() {
        for (byte[] bytes : List.of(
                utf8("\uFEFF{\"text\":\"a\"}"),
                utf8("\uFEFF"),
                quoted(0xc0, 0xaf),
                quoted(0xc1, 0x81),
                quoted(0xe0, 0x80, 0xaf),
                quoted(0xed, 0xa0, 0x80),
                quoted(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80),
                quoted(0xf4, 0x90, 0x80, 0x80),
                quoted(0xf8, 0x88, 0x80, 0x80, 0x80),
                utf8("\"\\ud800\""),
                utf8("\"\\uDFFF\""),
                utf8("\"\\ude00\\ud83d\""),
                utf8("\"\\ud83d\\ud83d\\ude00\""),
                utf8("\"\\ud83d\\\\ude00\""),
                utf8("\"\\ud83dude00\""),
                utf8("\"\\\\\\uDBFFx\""),
                utf8("{\"\\ud800\":1}"))) {
            assertThat(refused(bytes).status())
                    .as(new String(bytes, StandardCharsets.ISO_8859_1))
                    .isEqualTo(400);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\\ud83d\\ude00\"",
                "\"\\uD83D\\uDE00\\uD83D\\uDE00\"",
                "\"\\\\ud800\"",
                "\"\\\\\\\\udc00\"",
                "\"\\ud7ff\\ue000\\ufeff\"",
                "\"ud800\"",
                "\"\uFEFF\"",
                "\"\uD83D\uDE00 \u05D0 \u0301 \uFFFF\""
            })
    void acceptsEveryCharacterEscapedOrNot(String text) throws IOException {
        assertThat(Json.parse(utf8(text))).isEqualTo(new ObjectMapper().readTree(text));
    }

    @Test
    void rejectsATruncatedOrder() {
        byte[] order = utf8("{\"id\":\"\u00e9\\u20ac\\\"\",\"user_id\":\"7\",\"total\":-1.5e+3,\"status\":\"new\","
                + "\"timestamp\":\"2026-01-02T03:04:05Z\",\"more\":[true,null,{}]}");

        for (int length = 0; length < order.length; length++) {
            assertThat(refused(Arrays.copyOf(order, length)).type()).isEqualTo("malformed");
        }
        assertThat(Json.parse(order).path("id").asText()).isEqualTo("\u00e9\u20ac\"");
    }

    @Test
    void rejectsDeepNesting() {
        assertThat(refused("[".repeat(100_000).getBytes(StandardCharsets.UTF_8)).status())
                .isEqualTo(400);
    }

    @Test
    void rejectsShortTextThatIsExpensive() {
        for (String text : List.of(
                "[".repeat(201) + "]".repeat(201),
                "{\"a\":".repeat(100_000),
                "9".repeat(1_000_000),
                "-0." + "0".repeat(1_000_000) + "1",
                "1e999999999999999999999",
                "-1E-2147483648",
                "1".repeat(501),
                "{\"" + "a".repeat(10_001) + "\":1}",
                "1e-999999999",
                "[{\"a\":1e1001}]",
                "1E-1001")) {
            ProblemException problemException = refused(text.getBytes(StandardCharsets.UTF_8));
            assertThat(problemException.status()).isEqualTo(400);
            assertThat(problemException.getMessage()).doesNotContain("StreamReadConstraints", "jackson");
        }
    }

    @Test
    void acceptsValuesWithinTheLimits() {
        for (String text : List.of("[".repeat(200) + "]".repeat(200), "1".repeat(500), "1E+300", "1E-300")) {
            assertThat(Json.parse(text.getBytes(StandardCharsets.UTF_8)).toString())
                    .isEqualTo(text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "0", "\"\"", "[]", "{}", " {\"a\": [1, {\"a\": 2}]} \n"})
    void acceptsAnySingleValue(String text) {
        assertThat(Json.parse(text.getBytes(StandardCharsets.UTF_8)).toString()).isEqualTo(text.replaceAll("\\s", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.1", "12345678901234567890.12345678901234567890", "123456789012345678901234567890"})
    void keepsNumbersExact(String number) {
        assertThat(Json.parse(number.getBytes(StandardCharsets.UTF_8)).decimalValue())
                .isEqualByComparingTo(number);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] quoted(int... bytes) {
        byte[] text = new byte[bytes.length + 2];
        text[0] = '"';
        for (int i = 0; i < bytes.length; i++) {
            text[i + 1] = (byte) bytes[i];
        }
        text[bytes.length + 1] = '"';
        return text;
    }

    private static ProblemException refused(byte[] bytes) {
        ProblemException problemException = catchThrowableOfType(ProblemException.class, () -> Json.parse(bytes));
        assertThat(problemException).isNotNull();
        return problemException;
    }
}
