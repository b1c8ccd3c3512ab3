package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RouteFileSyntaxTest {

    static Stream<Path> shipped() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/routes"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shipped")
    void shippedFilesAreValid(Path file) throws Exception {
        RouteFileSyntax.check(RouteFolder.read(file, null));
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "yaml | - route: {id: a\\n  b: c                    | 2:4  | expected",
                "yaml | - route:\\n    id: \"a                      | 2:   | end of stream",
                "yaml | - rout:\\n    id: a                         | 1:3  | 'rout' is not known here",
                "yaml | - route:\\n    id: a                        | 2:5  | 'from' is missing",
                "yaml | - route:\\n    idd: a\\n    from: {uri: 'direct:a', steps: []} | 2:5 | 'idd' is not known here",
                "yaml | - route: &x {id: a}\\n- route: *x             | 2:10 | aliases",
                "yaml | a: b                                        | 1:1: object found | array",
                "xml  | <routes>\\n  <route>\\n</routes>             | 3:   | route",
                "xml  | <nonsense/>                                 | 1:   | nonsense",
                "xml  | <!DOCTYPE a [<!ENTITY b 'c'>]>\\n<routes/>    | 1:   | DTD",
            })
    void reportsPositionAndReasonOfAMistake(String kind, String text, String place, String reason) {
        String name = "a." + kind;
        assertThatThrownBy(() -> RouteFileSyntax.check(new RouteFile(name, "file:" + name, text.replace("\\n", "\n"))))
                .isInstanceOf(InvalidRouteFileException.class)
                .satisfies(e -> assertThat(e.toString()).startsWith(name + ":" + place))
                .hasMessageContaining(reason);
    }

    /** Small files that would exhaust the heap or the stack, or take minutes, if they were parsed without limits. */
    static Stream<Arguments> bombs() {
        String laughs = "- route: &a0 {id: a}\n"
                + IntStream.range(1, 30)
                        .mapToObj(i -> "- &a%d [%s]%n"
                                .formatted(i, "*a%d,".formatted(i - 1).repeat(9)))
                        .collect(Collectors.joining());
        return Stream.of(
                Arguments.of("a.yaml", laughs),
                Arguments.of("a.yaml", "- route: &a {id: a, <<: *a}"),
                Arguments.of("a.yaml", "[".repeat(500_000)),
                Arguments.of("a.yaml", "- ".repeat(400_000)),
                Arguments.of("a.yaml", "{a: ".repeat(200_000)),
                Arguments.of("a.yaml", "? ".repeat(400_000)),
                Arguments.of("a.yaml", "- route: {id: \"" + "x".repeat(1_000_000) + "\"}"),
                Arguments.of("a.xml", "<routes>" + "<route>".repeat(100_000)),
                Arguments.of("a.xml", "<routes " + "a=''".repeat(100_000) + "/>"),
                Arguments.of(
                        "a.xml", "<!DOCTYPE a [<!ENTITY b \"" + "&c;".repeat(1_000) + "\">]><routes>&b;</routes>"));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("bombs")
    void rejectsBombsQuickly(String name, String text) {
        assertThatThrownBy(() -> RouteFileSyntax.check(new RouteFile(name, "file:" + name, text)))
                .isInstanceOf(InvalidRouteFileException.class)
                .hasMessageMatching("(?s).{1,1000}");
    }

    @Test
    void acceptsAPlaceholderForANumberOrBoolean() throws InvalidRouteFileException {
        RouteFileSyntax.check(
                new RouteFile(
                        "a.yaml",
                        "file:a.yaml",
                        """
                - route:
                    id: a
                    startupOrder: "{{order}}"
                    from: { uri: "direct:a", steps: [ { log: { message: a } } ] }
                """));
    }

    /** The parser's buffer holds 1024 chars, and an emoji is a pair of chars. */
    @Test
    void reportsAnEmojiThatTheParserCannotRead() {
        String text = "- route:\n    id: a\n    description: ";
        String emoji = text + "x".repeat(1024 - text.length()) + "\uD83D\uDE00".repeat(2);

        assertThatThrownBy(() -> RouteFileSyntax.check(new RouteFile("a.yaml", "file:a.yaml", emoji)))
                .isInstanceOf(InvalidRouteFileException.class)
                .satisfies(e -> assertThat(e.toString()).startsWith("a.yaml:3:"))
                .hasMessageContaining("emoji");
    }

    @Test
    void columnIsThatOfTheFirstCharacter() {
        RouteFile file = new RouteFile("a.yaml", "file:a.yaml", "- route:\n    - process: x\n\n");

        assertThat(file.column(1)).isEqualTo(3);
        assertThat(file.column(2)).isEqualTo(7);
        assertThat(file.column(99)).isEqualTo(1);
    }
}
