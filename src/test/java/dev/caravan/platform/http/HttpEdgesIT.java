package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.RawHttp;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rare requests that RFC 9110, CORS and W3C Trace Context define. */
class HttpEdgesIT {

    private static final String ORIGIN = "https://app.example";
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String NEW_TRACE = "00-(?!" + TRACE + ")[0-9a-f]{32}-[0-9a-f]{16}-01";

    private static Program program;

    @BeforeAll
    static void start() throws Exception {
        program = Program.start(Map.of("http.cors.origins", ORIGIN));
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Application/JSON", "application/json ; charset=utf-8", "APPLICATION/JSON;charset=UTF-8"})
    void mediaTypesAreCaseInsensitive(String type) {
        assertThat(post("/api/v1/comments", "{\"text\":\"x\"}", Map.of("Content-Type", type))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void theMediaTypeOfAFormIsCaseInsensitive() {
        assertThat(post("/api/v1/comments", "text=x", Map.of("Content-Type", "APPLICATION/X-WWW-Form-Urlencoded"))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/comments", "/api/v1/comments?limit=x", "/order/no-such-order", "/openapi"})
    void headIsGetWithoutABody(String path) {
        Answer get = program.http().get(path);
        String head = raw("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(head).startsWith("HTTP/1.1 " + get.status() + " ").endsWith("\r\n\r\n");
        assertThat(head.toLowerCase()).contains("content-type: " + get.header("Content-Type"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/observe/health/live", "/observe/health/ready", "/observe/health/startup"})
    void probesAnswerHead(String path) {
        Answer head = program.management().send("HEAD", path, null, Map.of());

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void rejectsEncodedBodiesAndNamesTheEncoding() {
        Answer answer =
                post("/order", "\u001f\u008b", Map.of("Content-Type", "application/json", "Content-Encoding", "gzip"));

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.json().path("detail").asText()).contains("gzip");
        assertThat(answer.header("Accept-Encoding")).isEqualTo("identity");
        assertThat(post(
                                "/api/v1/comments",
                                "{\"text\":\"x\"}",
                                Map.of("Content-Type", "application/json", "Content-Encoding", "identity"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void unsupportedMediaTypeListsAcceptedTypes() {
        Answer other = post("/order", "x", Map.of("Content-Type", "text/plain"));
        Answer none = post("/order", "x", Map.of());

        assertThat(other.status()).isEqualTo(415);
        assertThat(other.header("Accept")).isEqualTo("application/json");
        assertThat(other.json().path("detail").asText()).contains("application/json");
        assertThat(none.status()).isEqualTo(415);
        assertThat(none.json().path("detail").asText()).contains("no Content-Type", "application/json");
        assertThat(post("/send", "x", Map.of("Content-Type", "text/plain")).header("Accept"))
                .isEqualTo("application/json, application/x-www-form-urlencoded");
    }

    @Test
    void preflightAllowsCloudEventAttributes() {
        Answer answer = program.http()
                .send(
                        "OPTIONS",
                        "/api/v1/events",
                        null,
                        Map.of(
                                "Origin",
                                ORIGIN,
                                "Access-Control-Request-Method",
                                "POST",
                                "Access-Control-Request-Headers",
                                "ce-id,ce-myextension,content-type,tracestate,x-evil"));

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Access-Control-Allow-Headers"))
                .contains("ce-id", "ce-myextension", "tracestate")
                .doesNotContain("x-evil");
    }

    @Test
    void errorsHaveCorsHeaders() {
        Answer answer =
                post("/order", "x", Map.of("Content-Type", "multipart/form-data; boundary=x", "Origin", ORIGIN));

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(ORIGIN);
    }

    @ParameterizedTest
    @CsvSource({
        "'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n', 404, not-found",
        "'GET /api/v1/comments HTTP/1.1\r\n', 400, malformed",
        "'POST /order HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 200-ok\r\nContent-Length: 2\r\n', 417, malformed"
    })
    void requestsWithoutARouteGetAProblem(String head, int status, String type) {
        String answer = raw(head + "Connection: close\r\n\r\n{}");

        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("urn:caravan:problem:" + type + "\"")
                .containsIgnoringCase("X-Content-Type-Options: nosniff")
                .containsIgnoringCase("Cache-Control: no-store");
    }

    @ParameterizedTest
    @CsvSource({
        "00-" + TRACE + "-b7ad6b7169203331-01, 00-" + TRACE + "-[0-9a-f]{16}-01",
        "cc-" + TRACE + "-b7ad6b7169203331-01, 00-" + TRACE + "-[0-9a-f]{16}-01",
        "cc-" + TRACE + "-b7ad6b7169203331-01-more, 00-" + TRACE + "-[0-9a-f]{16}-01",
        "00-" + TRACE + "-b7ad6b7169203331-01-more, " + NEW_TRACE,
        "ff-" + TRACE + "-b7ad6b7169203331-01, " + NEW_TRACE
    })
    void continuesTracesOfNewerVersions(String given, String answered) {
        Answer answer = post(
                "/api/v1/comments",
                "{\"text\":\"x\"}",
                Map.of("Content-Type", "application/json", "traceparent", given));

        assertThat(answer.header("traceparent")).matches(answered);
    }

    @Test
    void ignoresTwoTraceparentHeaders() {
        String parent = "traceparent: 00-" + TRACE + "-b7ad6b7169203331-01\r\n";
        String answer = raw("POST /api/v1/comments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: 12\r\n" + parent + parent
                + "\r\n{\"text\":\"x\"}");

        assertThat(answer).startsWith("HTTP/1.1 200 ").containsPattern("traceparent: " + NEW_TRACE);
    }

    @Test
    void aStoppedRouteIsUnavailableUntilRestarted() throws Exception {
        var routes = program.caravan().context().getRouteController();
        for (int i = 0; i < 2; i++) {
            routes.stopRoute("orders-find");
            Answer stopped = program.http().get("/order/x");
            assertThat(stopped.status()).isEqualTo(503);
            assertThat(stopped.header("Retry-After")).isNotNull();
            assertThat(stopped.json().path("detail").asText()).isEqualTo("The route of this path is stopped.");

            routes.startRoute("orders-find");
            assertThat(program.http().get("/order/x").status()).isEqualTo(404);
            assertThat(program.http().get("/order/x").json().path("type").asText())
                    .endsWith("not-found");
        }
    }

    @Test
    void explainsAPlusDecodedToASpace() {
        assertThat(program.http()
                        .get("/api/v1/dead-letters?since=2026-01-01T00:00:00+00:00")
                        .json()
                        .path("detail")
                        .asText())
                .contains("%2B");
    }

    @Test
    void explainsEmptyTextAndNul() {
        assertThat(post("/api/v1/comments", "{\"text\":\"\\u0000\"}", Map.of("Content-Type", "application/json"))
                        .json()
                        .path("detail")
                        .asText())
                .isEqualTo("/text must not contain the character NUL");
        assertThat(post("/api/v1/comments", "{\"text\":\"\"}", Map.of("Content-Type", "application/json"))
                        .json()
                        .path("detail")
                        .asText())
                .doesNotContain("1 characters");
    }

    private static Answer post(String path, String body, Map<String, String> headers) {
        return program.http().send("POST", path, body, headers);
    }

    private static String raw(String request) {
        return RawHttp.send(program.http().port(), request);
    }
}
