package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.operations.commands.Commands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The check of route files against Camel's catalogue. */
class ValidateTest {

    private static final String ROUTE =
            """
            - route:
                id: parcels-send
                group: parcels
                description: Sends a parcel now and then.
                from:
                  uri: timer
                  parameters:
                    timerName: parcels
                    period: 60000
                  steps:
                    - STEP
            """;

    @TempDir
    private Path folder;

    private static List<String> validate(Path... paths) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Application.validate(
                List.of(paths).stream().map(Path::toString).toList(),
                new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name + ".camel.yaml"), text);
    }

    @Test
    void shippedRoutesAndExamplesAreValid() throws IOException {
        assertThat(validate(Path.of("src/main/resources/routes")))
                .isNotEmpty()
                .allMatch(line -> line.endsWith(": fine"));
        assertThat(validate(Path.of("examples/yaml")))
                .filteredOn(line -> line.contains(" option ") || line.contains("component "))
                .isEmpty();
        assertThat(validate(Path.of("examples/xml")))
                .filteredOn(line -> line.contains(" option ") || line.contains("component "))
                .isEmpty();
    }

    @Test
    void mistakesAreReportedAtTheirLineAndColumn() throws IOException {
        assertThat(validate(
                        file(
                                "period",
                                ROUTE.replace("period: 60000", "perod: 60000").replace("STEP", "to: log:a")),
                        file(
                                "type",
                                ROUTE.replace("60000", "often")
                                        .replace("STEP", "to: log:a")
                                        .replace("send", "b")),
                        file(
                                "dead",
                                ROUTE.replace("STEP", "to: direct:parcels-nowhere")
                                        .replace("send", "c")),
                        file(
                                "dynamic",
                                ROUTE.replace("STEP", "toD: kafak:${header.a}?brokers=a")
                                        .replace("send", "d")),
                        file(
                                "simple",
                                ROUTE.replace("STEP", "toD: log:${header.a}?maxChars=${header.b}")
                                        .replace("send", "e"))))
                .containsExactly(
                        "period.camel.yaml:9:9: timer has no option perod; did you mean period?",
                        "type.camel.yaml:9:9: warning: the option period of timer must be a duration, such as 5s, not 'often'",
                        "type.camel.yaml: fine",
                        "dead.camel.yaml:11:11: warning: no route begins with direct:parcels-nowhere",
                        "dead.camel.yaml: fine",
                        "dynamic.camel.yaml:11:11: warning: there is no component kafak in Camel 4.18.0; did you mean kafka?",
                        "dynamic.camel.yaml: fine",
                        "simple.camel.yaml: fine");
    }

    @Test
    void oneLineStepsAreReportedAtTheirOwnLines() throws IOException {
        String steps =
                """
                to: { uri: "log:a?levl=INFO" }
                        - to: { uri: "log:b" }
                        - to: { uri: "log:c?levl=INFO" }
                """;

        assertThat(validate(file("flow", ROUTE.replace("STEP\n", steps))))
                .containsExactly(
                        "flow.camel.yaml:11:11: log has no option levl; did you mean level?",
                        "flow.camel.yaml:13:11: log has no option levl; did you mean level?");
    }

    @Test
    void everyMistakeOfAFileIsReported() throws IOException {
        assertThat(
                        validate(
                                file(
                                        "steps",
                                        ROUTE.replace("period: 60000", "perod: 60000")
                                                        .replace("STEP", "to: log:a")
                                                + ROUTE.replace("send", "b")
                                                        .replace(
                                                                "STEP",
                                                                """
                                                        to: kafak:parcels
                                                                - to: log:a?levl=INFO
                                                                - process: { ref: "#bean:nowhere" }
                                                        """)),
                                file(
                                        "schema",
                                        ROUTE.replace("STEP", "too: log:a").replace("send", "c")
                                                + ROUTE.replace("description", "descripton")
                                                        .replace("send", "g")
                                                        .replace("STEP", "to: log:a")
                                                + ROUTE.replace("send", "d")
                                                        .replace("STEP", "setBody: { smple: a, constnt: b }")),
                                file(
                                        "policies",
                                        ROUTE.replace("    from:", "    routeConfigurationId: strict\n    from:")
                                                .replace("send", "e")
                                                .replace("STEP", "to: log:a?levl=INFO\n        - to: schema:nowhere")),
                                Files.writeString(
                                        folder.resolve("xml.camel.xml"),
                                        "<routes>\n  <route id=\"parcels-x\">\n    <form uri=\"direct:x\"/>\n  </route>\n</routes>\n")))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line)
                                .isEqualTo("steps.camel.yaml:9:9: timer has no option perod; did you mean period?"),
                        line -> assertThat(line)
                                .isEqualTo(
                                        "steps.camel.yaml:22:11: there is no component kafak in Camel 4.18.0; did you mean kafka?"),
                        line -> assertThat(line)
                                .isEqualTo("steps.camel.yaml:23:11: log has no option levl; did you mean level?"),
                        line -> assertThat(line).matches("steps.camel.yaml:24:11: .*nowhere.*"),
                        line -> assertThat(line).isEqualTo("schema.camel.yaml:11:11: 'too' is not known here"),
                        line -> assertThat(line).isEqualTo("schema.camel.yaml:15:5: 'descripton' is not known here"),
                        line -> assertThat(line).isEqualTo("schema.camel.yaml:33:29: 'smple' is not known here"),
                        line -> assertThat(line).isEqualTo("schema.camel.yaml:33:41: 'constnt' is not known here"),
                        line -> assertThat(line)
                                .isEqualTo("policies.camel.yaml:7:7: there is no routeConfiguration strict"),
                        line -> assertThat(line)
                                .isEqualTo("policies.camel.yaml:12:11: log has no option levl; did you mean level?"),
                        line -> assertThat(line).startsWith("policies.camel.yaml:13:11: there is no schema nowhere"),
                        line -> assertThat(line).isEqualTo("xml.camel.xml:3:27: Unexpected element 'form'"));
    }

    @Test
    void tablesAndColumnsWithoutMigrationGetWarnings() throws IOException {
        Path migrations = Files.createDirectory(folder.resolve("migrations"));
        Files.writeString(
                migrations.resolve("V1__parcels.sql"), "CREATE TABLE parcels (id INT PRIMARY KEY, note ${text});");
        System.setProperty("migrations.dir", migrations.toString());
        try {
            assertThat(validate(
                            file("right", sql("a", "INSERT INTO parcels (id, note) VALUES (:#id, :#${body})")),
                            file("own", sql("b", "SELECT * FROM orders WHERE id IN (:#in:ids) AND status = #")),
                            file("table", sql("c", "UPDATE parcel SET note = '#1' WHERE id = :#id")),
                            file("column", sql("d", "DELETE FROM parcels p WHERE p.weight > :#weight[0]")),
                            file("other", sql("e", "SELECT DISTINCT ON (id) note FROM parcels"))))
                    .containsExactly(
                            "right.camel.yaml: fine",
                            "own.camel.yaml: fine",
                            "table.camel.yaml:15:17: warning: no migration creates the table parcel; did you mean parcels?",
                            "table.camel.yaml: fine",
                            "column.camel.yaml:15:17: warning: the tables of this statement have no column weight",
                            "column.camel.yaml: fine",
                            "other.camel.yaml: fine");
        } finally {
            System.clearProperty("migrations.dir");
        }
    }

    private static String sql(String id, String query) {
        return ROUTE.replace("send", id)
                .replace(
                        "STEP",
                        """
                        to:
                                    uri: sql
                                    parameters:
                                      query: >-
                                        QUERY
                        """)
                .replace("QUERY", query);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest", "call", "timer", "file"})
    void skeletonsAreValidAndNeverOverwriteFiles(String kind) throws IOException {
        Path schemas = Files.createDirectories(folder.resolve("schemas"));
        try (Stream<Path> shipped = Files.list(Path.of("src/main/resources/schemas"))) {
            for (Path schema : shipped.toList()) {
                Files.copy(schema, schemas.resolve(schema.getFileName()));
            }
        }
        PrintStream none = new PrintStream(OutputStream.nullOutputStream());
        Commands commands = new Commands(Map.of("SCHEMAS_DIR", schemas.toString()), folder, none, none, false);
        Path written = folder.resolve("routes").resolve("parcels.camel.yaml");

        assertThat(commands.run("new", "parcels", "--kind", kind)).isZero();
        System.setProperty("schemas.dir", schemas.toString());
        try {
            assertThat(validate(written)).containsExactly("parcels.camel.yaml: fine");
        } finally {
            System.clearProperty("schemas.dir");
        }

        assertThat(Files.readString(written)).doesNotContain("NAME");
        Files.writeString(written, "mine");
        assertThat(commands.run("new", "parcels", "--kind", kind)).isEqualTo(1);
        assertThat(written).hasContent("mine");
        assertThat(commands.run("new", "../parcels", "--kind", kind)).isEqualTo(2);
    }
}
