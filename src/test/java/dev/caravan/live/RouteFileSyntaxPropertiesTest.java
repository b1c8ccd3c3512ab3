package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class RouteFileSyntaxPropertiesTest {

    private static final Path SHIPPED = Path.of("src/main/resources/routes");

    /** What a slip or an attacker may insert into a file. */
    @Provide
    static Arbitrary<String> pieces() {
        return Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(5),
                Arbitraries.strings().withChars(" \t\n-:{}[]&*!|>'\"%@`#,?$<").ofMaxLength(4),
                Arbitraries.of(
                        "&a [*a]",
                        "<<: *a",
                        "!!java.lang.Runtime {}",
                        "--- ",
                        "...\n",
                        "%YAML 9.9\n",
                        "\uFEFF",
                        "\0",
                        "{{x}}",
                        "- route:\n",
                        "true",
                        "1e999"));
    }

    /** A shipped file with some characters, or all after a position, replaced. */
    @Provide
    static Arbitrary<String> edited() {
        return Combinators.combine(
                        Arbitraries.of(texts()),
                        Arbitraries.doubles().between(0, 1),
                        Arbitraries.frequencyOf(
                                Tuple.of(5, Arbitraries.integers().between(0, 40)),
                                Tuple.of(1, Arbitraries.just(Integer.MAX_VALUE))),
                        pieces())
                .as((text, place, removed, inserted) -> {
                    int from = (int) (place * text.length());
                    return text.substring(0, from)
                            + inserted
                            + text.substring((int) Math.min(text.length(), (long) from + removed));
                });
    }

    private static String[] texts() {
        try (Stream<Path> files = Files.list(SHIPPED)) {
            return files.sorted().map(RouteFileSyntaxPropertiesTest::text).toArray(String[]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Property(tries = 500)
    void anyYamlIsValidOrRejectedWithAPosition(@ForAll("edited") String text) {
        try {
            RouteFileSyntax.check(new RouteFile("a.yaml", "file:a.yaml", text));
        } catch (InvalidRouteFileException e) {
            assertThat(e.file()).isEqualTo("a.yaml");
            assertThat(e.getMessage()).isNotBlank();
            assertThat(e.line()).isBetween(0, (int) text.lines().count() + 1);
        }
    }

    @Property
    void anyXmlIsValidOrRejectedWithAPosition(@ForAll("pieces") String first, @ForAll String second) {
        String text = "<routes><route id=\"a\">" + first + "<from uri=\"direct:a\"/>" + second + "</route></routes>";
        try {
            RouteFileSyntax.check(new RouteFile("a.xml", "file:a.xml", text));
        } catch (InvalidRouteFileException e) {
            assertThat(e.file()).isEqualTo("a.xml");
            assertThat(e.getMessage()).isNotBlank();
            assertThat(e.line()).isNotNegative();
        }
    }
}
