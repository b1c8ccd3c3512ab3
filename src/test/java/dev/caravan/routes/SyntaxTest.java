package dev.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SyntaxTest {

    static Stream<Path> shipped() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/routes"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shipped")
    void takesEachFileThatIsShipped(Path file) throws Exception {
        Syntax.check(RouteFolder.read(file, null));
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
                "yaml | a: b                                        | 1:1  | array",
                "xml  | <routes>\\n  <route>\\n</routes>             | 3:   | route",
                "xml  | <nonsense/>                                 | 1:   | nonsense",
                "xml  | <!DOCTYPE a [<!ENTITY b 'c'>]>\\n<routes/>    | 1:   | DTD",
            })
    void saysWhereAFileIsWrongAndWhy(String kind, String text, String place, String reason) {
        String name = "a." + kind;
        assertThatThrownBy(() -> Syntax.check(new RouteFile(name, "file:" + name, text.replace("\\n", "\n"))))
                .isInstanceOf(Rejected.class)
                .satisfies(e -> assertThat(e.toString()).startsWith(name + ":" + place))
                .hasMessageContaining(reason);
    }

    @Test
    void aPlaceholderMayStandWhereANumberOrTrueAndFalseDo() throws Rejected {
        Syntax.check(
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

    @Test
    void theColumnIsWhereTheLineBegins() {
        RouteFile file = new RouteFile("a.yaml", "file:a.yaml", "- route:\n    - process: x\n\n");

        assertThat(file.column(1)).isEqualTo(3);
        assertThat(file.column(2)).isEqualTo(7);
        assertThat(file.column(99)).isEqualTo(1);
    }
}
