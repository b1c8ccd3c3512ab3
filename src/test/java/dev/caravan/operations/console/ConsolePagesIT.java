package dev.caravan.operations.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console's files over HTTP, with authentication enabled. */
class ConsolePagesIT {

    private static final int MOST_BYTES = 100_000;

    /** Loaded only by pages that show text with line numbers. */
    private static final Pattern EDITOR =
            Pattern.compile("editor\\.js|lib/(codemirror|lezer|lang-|json|yaml|crelt|style-mod|w3c|marijn)");

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
        assertThat(answer.header("Content-Type")).isEqualTo("text/html;charset=utf-8");
        assertThat(answer.body()).contains("console/app.js");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "*/*"})
    void otherClientsGetTheDefaultAnswer(String accept) {
        assertThat(get("/", Map.of("Accept", accept)).status()).isEqualTo(401);
        assertThat(get("/", Map.of("Accept", accept, "Authorization", "one")).status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/console/app.js", "/console/lib/preact/dist/preact.module.js"})
    void everyFileHasAStrictPolicy(String path) {
        Answer answer = get(path, Map.of("Accept", "text/html"));

        assertThat(answer.header("Content-Security-Policy"))
                .startsWith("default-src 'self'; script-src 'self' 'sha256-")
                .doesNotContain("unsafe");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @Test
    void unchangedFilesAreNotSentAgain() {
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
                "/console/lib/preact/LICENSE",
                "/console/"
            })
    void otherPathsNeedAToken(String path) {
        assertThat(get(path, Map.of()).status()).isEqualTo(401);
    }

    @Test
    void otherMethodsNeedAToken() {
        assertThat(program.http()
                        .send("POST", "/", "{}", Map.of("Accept", "text/html"))
                        .status())
                .isEqualTo(401);
    }

    @Test
    void filesAreEqualWithAndWithoutCompression() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + program.http().port() + "/console/app.js"))
                .header("Accept-Encoding", "gzip")
                .build();
        HttpResponse<byte[]> packed = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());

        assertThat(packed.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(packed.headers().firstValue("Vary"))
                .hasValueSatisfying(vary -> assertThat(vary).contains("Accept-Encoding"));
        assertThat(new GZIPInputStream(new ByteArrayInputStream(packed.body())))
                .hasContent(get("/console/app.js", Map.of()).body());
    }

    @Test
    void filesWithoutTheEditorAreSmall() throws Exception {
        try (Stream<Path> files = Files.walk(Path.of("target/classes").resolve(ConsolePages.ROOT))) {
            int bytes = files.filter(Files::isRegularFile)
                    .map(Path::toString)
                    .filter(file -> !EDITOR.matcher(file).find())
                    .map(file -> CompressedFile.of(file.substring("target/classes".length())))
                    .filter(Objects::nonNull)
                    .mapToInt(file -> file.gzip().length())
                    .sum();

            assertThat(bytes).isBetween(MOST_BYTES / 2, MOST_BYTES);
        }
    }

    @Test
    void pagesInsertNoMarkup() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources", ConsolePages.ROOT))) {
            for (Path file : files.toList()) {
                assertThat(Files.readString(file, StandardCharsets.UTF_8))
                        .as(file.toString())
                        .doesNotContain(
                                "innerHTML", "outerHTML", "insertAdjacentHTML", "localStorage", "sessionStorage");
            }
        }
    }
}
