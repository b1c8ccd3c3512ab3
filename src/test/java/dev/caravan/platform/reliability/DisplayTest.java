package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DisplayTest {

    static Stream<Arguments> escapes() {
        return Stream.of(
                Arguments.of("", ""),
                Arguments.of("plain text", "plain text"),
                Arguments.of("Größe 日本 😀", "Größe 日本 😀"),
                Arguments.of("a\nb", "a\\u000ab"),
                Arguments.of("a\r\nb", "a\\u000d\\u000ab"),
                Arguments.of("a\tb", "a\\u0009b"),
                Arguments.of("\u001b[31mred", "\\u001b[31mred"),
                Arguments.of("\u009b31m", "\\u009b31m"),
                Arguments.of("\u0000\u007f", "\\u0000\\u007f"),
                Arguments.of("a\u0085b", "a\\u0085b"),
                Arguments.of("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
                Arguments.of("a\u202eb", "a\\u202eb"),
                Arguments.of("a\u2066b\u200bc\ufeffd", "a\\u2066b\\u200bc\\ufeffd"),
                Arguments.of("a\ud83db", "a\\ud83db"),
                Arguments.of("a\ude00", "a\\ude00"));
    }

    @ParameterizedTest
    @MethodSource("escapes")
    void escapesControlAndDirectionCharacters(String text, String shown) {
        assertThat(Display.cut(text)).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "é", "日", "😀"})
    void truncatesAtWholeCharactersWithAnEllipsis(String character) {
        String longest = character.repeat(Display.LENGTH);

        assertThat(Display.cut(longest)).isEqualTo(longest);
        assertThat(Display.cut(longest + character)).isEqualTo(longest + "…");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "é", "日", "😀"})
    void marksATruncatedRecordForAnyCharacterWidth(String character) {
        byte[] record = character.repeat(Display.LENGTH + 1).getBytes(StandardCharsets.UTF_8);

        assertThat(Display.received(1, "orders", record))
                .isEqualTo("Received message Count: 1: | Topic (orders) | Message (" + character.repeat(Display.LENGTH)
                        + "…)");
    }

    @Test
    void formatsARecordAsTheContractSays() {
        assertThat(Display.received(7, "comments", "{\"text\":\"hi\"}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("Received message Count: 7: | Topic (comments) | Message ({\"text\":\"hi\"})");
        assertThat(Display.received(8, "comments", null))
                .isEqualTo("Received message Count: 8: | Topic (comments) | Message ()");
    }

    @Test
    void aPayloadCannotForgeALogLine() {
        String forged =
                "x)\r\n12:00:00.000 INFO  Received message Count: 9: | Topic (orders) | Message (paid\u2028\u0085\u000b\u000c";

        String line = Display.received(1, "comments", forged.getBytes(StandardCharsets.UTF_8));

        assertThat(line.lines()).hasSize(1);
        assertThat(line).doesNotContainPattern("[\\p{Cntrl}\\u0085\\u2028\\u2029]");
    }

    @Test
    void binaryPayloadIsOneLine() {
        byte[] bytes = new byte[100_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }

        String line = Display.received(1, "comments", bytes);

        assertThat(line.lines()).hasSize(1);
        assertThat(line.length()).isLessThan(6 * Display.LENGTH + 100);
    }
}
