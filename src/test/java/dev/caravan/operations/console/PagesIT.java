package dev.caravan.operations.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.Http.Answer;
import dev.caravan.support.Running.Program;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console's files, over HTTP, with authentication on. */
class PagesIT {

    private static final int MOST_BYTES = 100_000;

    private static Program program;

    @BeforeAll
    static void start() throws Exception {
        program = Program.start(Map.of("auth.enabled", "true", "auth.tokens", "one=1"));
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
    }

    private static Answer get(String path, Map<String, String> headers) {
        return program.http().send("GET", path, null, headers);
    }

    @Test
    void browsersGetTheConsoleWithoutAToken() {
        Answer answer = get("/", Map.of("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(answer.body()).contains("console/app.js");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "*/*"})
    void otherClientsGetWhatTheyAlwaysGot(String accept) {
        assertThat(get("/", Map.of("Accept", accept)).status()).isEqualTo(401);
        assertThat(get("/", Map.of("Accept", accept, "Authorization", "one")).status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/console/app.js", "/console/lib/preact.js"})
    void everyFileBringsAStrictPolicy(String path) {
        Answer answer = get(path, Map.of("Accept", "text/html"));

        assertThat(answer.header("Content-Security-Policy"))
                .startsWith("default-src 'self'; script-src 'self' 'sha256-")
                .doesNotContain("unsafe");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @Test
    void aFileThatDidNotChangeIsNotSentAgain() {
        String tag = get("/console/app.js", Map.of()).header("ETag");

        Answer again = get("/console/app.js", Map.of("If-None-Match", tag));

        assertThat(again.status()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/none.js",
                "/console/../application.properties",
                "/console/%2e%2e/application.properties",
                "/console/lib/../../users.json",
                "/console/index.html",
                "/console/"
            })
    void nothingElseIsOpen(String path) {
        assertThat(get(path, Map.of()).status()).isEqualTo(401);
    }

    @Test
    void onlyReadingIsOpen() {
        assertThat(program.http()
                        .send("POST", "/", "{}", Map.of("Accept", "text/html"))
                        .status())
                .isEqualTo(401);
    }

    @Test
    void allOfItTogetherIsSmall() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/console"))) {
            int bytes = Stream.concat(
                            files.map(file -> file.getFileName().toString()),
                            Stream.of("lib/preact.js", "lib/hooks.js", "lib/htm.js"))
                    .mapToInt(name -> PageFile.of(name).orElseThrow().compressed().length)
                    .sum();

            assertThat(bytes).isLessThan(MOST_BYTES);
        }
    }

    @Test
    void pagesInsertNoMarkup() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/console"))) {
            for (Path file : files.toList()) {
                assertThat(Files.readString(file, StandardCharsets.UTF_8))
                        .as(file.toString())
                        .doesNotContain(
                                "innerHTML", "outerHTML", "insertAdjacentHTML", "localStorage", "sessionStorage");
            }
        }
    }
}
