package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.MissingNode;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any content of a route file is applied or rejected, and later edits are applied. */
@TestInstance(Lifecycle.PER_CLASS)
class RouteFileContentsIT {

    private static final String STEP =
            """
            - route:
                id: new-step
                group: new
                description: Has one step.
                from:
                  uri: direct:new-step
                  steps:
                    - process: { ref: "#class:CLASS" }
            """;

    private static final Map<String, byte[]> CONTENTS = Map.ofEntries(
            Map.entry("empty", bytes("")),
            Map.entry("blank", bytes(" \n\t\n")),
            Map.entry("comments", bytes("# later\n# more\n")),
            Map.entry("separator", bytes("---\n")),
            Map.entry("null", bytes("~\n")),
            Map.entry("list", bytes("[]\n")),
            Map.entry("text", bytes("hello\n")),
            Map.entry("number", bytes("7\n")),
            Map.entry("map", bytes("route: x\n")),
            Map.entry("documents", bytes("[]\n---\n[]\n")),
            Map.entry("zeros", new byte[64]),
            Map.entry("picture", new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, (byte) 0xff}),
            Map.entry("mark", new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}),
            Map.entry("xml", bytes("<?xml version=\"1.0\"?><routes/>")),
            Map.entry("half", bytes("<routes><route id=\"x\">")));

    private Program program;
    private LiveRoutes live;
    private Http http;
    private Path routes;

    @BeforeAll
    void start() throws Exception {
        program = Program.start(Map.of());
        live = new LiveRoutes(program);
        http = program.http();
        routes = program.routes();
    }

    @AfterAll
    void stop() throws IOException {
        program.close();
    }

    @AfterEach
    void remove() throws IOException {
        for (String name : new String[] {"new.camel.yaml", "hello.camel.yaml"}) {
            Files.deleteIfExists(routes.resolve(name));
            await().untilAsserted(() -> assertThat(live.file(name)).isEqualTo(MissingNode.getInstance()));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Initializer", "Dependency", "Recursion", "Start"})
    void javaErrorsInAStepRejectTheEdit(String step) throws IOException {
        live.save("new.camel.yaml", STEP.replace("CLASS", "dev.caravan.support.BrokenProcessors$" + step));

        await().untilAsserted(() ->
                assertThat(live.file("new.camel.yaml").path("state").asText()).isEqualTo("rejected"));
        assertThat(live.file("new.camel.yaml").at("/error/reason").asText()).contains("Error");
        laterEditsAreApplied();
    }

    @Test
    void anyContentIsAppliedOrRejected() throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        CONTENTS.forEach((name, content) -> {
            contents.put("new-" + name + ".camel.yaml", content);
            contents.put("new-" + name + ".camel.xml", content);
        });
        for (Map.Entry<String, byte[]> file : contents.entrySet()) {
            Files.write(routes.resolve(file.getKey()), file.getValue());
        }

        await().untilAsserted(() -> assertThat(contents.keySet())
                .allSatisfy(file ->
                        assertThat(live.file(file).path("state").asText()).isIn("live", "rejected")));
        laterEditsAreApplied();
        for (String file : contents.keySet()) {
            Files.delete(routes.resolve(file));
        }
        await().untilAsserted(() -> assertThat(contents.keySet())
                .allSatisfy(file -> assertThat(live.file(file)).isEqualTo(MissingNode.getInstance())));
    }

    @Test
    void aFolderNamedLikeAFileIsRejected() throws IOException {
        Files.createDirectory(routes.resolve("new.camel.yaml"));

        isRejected("it is not a file");
        laterEditsAreApplied();
    }

    @Test
    void aDanglingLinkIsRejected() throws IOException {
        Files.createSymbolicLink(routes.resolve("new.camel.yaml"), routes.resolve("nowhere"));

        isRejected("there is no such file");
        laterEditsAreApplied();
    }

    @Test
    void aFileThatIsDeletedAtOnceLeavesNoTrace() throws IOException {
        for (int i = 0; i < 300; i++) {
            live.save("new.camel.yaml", i % 2 == 0 ? "" : LiveRoutes.HELLO.replace("hello", "other"));
            Files.delete(routes.resolve("new.camel.yaml"));
        }
        laterEditsAreApplied();
        await().untilAsserted(() -> assertThat(live.file("new.camel.yaml")).isEqualTo(MissingNode.getInstance()));
    }

    private void isRejected(String reason) {
        await().untilAsserted(() -> assertThat(
                        live.file("new.camel.yaml").at("/error/reason").asText())
                .contains(reason));
    }

    private void laterEditsAreApplied() throws IOException {
        String word = UUID.randomUUID().toString();
        live.save("hello.camel.yaml", LiveRoutes.HELLO.replace("constant: \"hello\"", "constant: \"" + word + "\""));
        await().untilAsserted(() -> assertThat(http.get("/hello").body()).isEqualTo(word));
    }
}
