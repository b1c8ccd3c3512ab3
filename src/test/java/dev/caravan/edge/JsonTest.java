package dev.caravan.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
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
                "01",
                "// x\n1",
                "\"a\nb\"",
                "text=hello",
                "<a/>"
            })
    void refusesWhatIsNotExactlyOneValue(String text) {
        Problem problem = refused(text.getBytes(StandardCharsets.UTF_8));

        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.type()).isEqualTo("malformed");
        assertThat(problem.getMessage())
                .startsWith("The body is not JSON: line ")
                .doesNotContain("com.fasterxml");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "\n\t "})
    void refusesAnEmptyBody(String text) {
        Problem problem = refused(text == null ? null : text.getBytes(StandardCharsets.UTF_8));

        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem).hasMessage("The body is empty; it must be JSON.");
    }

    @Test
    void refusesBytesThatAreNoUtf8() {
        assertThat(refused(new byte[] {'"', (byte) 0xff, (byte) 0xfe, '"'}).status())
                .isEqualTo(400);
        assertThat(refused(new byte[] {'"', (byte) 0xc3, '"'}).status()).isEqualTo(400);
    }

    @Test
    void refusesNestingWithoutBound() {
        assertThat(refused("[".repeat(100_000).getBytes(StandardCharsets.UTF_8)).status())
                .isEqualTo(400);
    }

    @Test
    void refusesWhatIsShortAndTakesLong() {
        for (String text : List.of(
                "[".repeat(201) + "]".repeat(201),
                "1".repeat(501),
                "{\"" + "a".repeat(10_001) + "\":1}",
                "1e-999999999",
                "[{\"a\":1e1001}]",
                "1E-1001")) {
            Problem problem = refused(text.getBytes(StandardCharsets.UTF_8));
            assertThat(problem.status()).isEqualTo(400);
            assertThat(problem.getMessage()).doesNotContain("StreamReadConstraints", "jackson");
        }
    }

    @Test
    void takesWhatIsWithinTheLimits() {
        for (String text : List.of("[".repeat(200) + "]".repeat(200), "1".repeat(500), "1E+300", "1E-300")) {
            assertThat(Json.parse(text.getBytes(StandardCharsets.UTF_8)).toString())
                    .isEqualTo(text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "0", "\"\"", "[]", "{}", " {\"a\": [1, {\"a\": 2}]} \n"})
    void takesOneValueWhateverItIs(String text) {
        assertThat(Json.parse(text.getBytes(StandardCharsets.UTF_8)).toString()).isEqualTo(text.replaceAll("\\s", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.1", "12345678901234567890.12345678901234567890", "123456789012345678901234567890"})
    void keepsNumbersExact(String number) {
        assertThat(Json.parse(number.getBytes(StandardCharsets.UTF_8)).decimalValue())
                .isEqualByComparingTo(number);
    }

    private static Problem refused(byte[] bytes) {
        Problem problem = catchThrowableOfType(Problem.class, () -> Json.parse(bytes));
        assertThat(problem).isNotNull();
        return problem;
    }
}
