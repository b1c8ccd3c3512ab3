package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import dev.caravan.operations.console.Browser;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import dev.caravan.support.Scrape;
import dev.caravan.support.SelfSignedCertificate;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The business port with TLS: HTTP/2 with the limits of HTTP/1.1. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Http2IT {

    private static final int READ_TIMEOUT_SECONDS = 10;
    private static final String ORDER =
            "{\"id\":\"h2-1\",\"user_id\":\"u\",\"total\":1.5,\"status\":\"pending\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    @TempDir
    static Path folder;

    private static Program program;
    private static SelfSignedCertificate keys;
    private static HttpClient client;

    private final Vertx vertx = Vertx.vertx();
    private io.vertx.core.http.HttpClient raw;

    @BeforeAll
    static void start() throws Exception {
        keys = new SelfSignedCertificate(folder);
        client = HttpClient.newBuilder().sslContext(keys.trusting()).build();
        program = Program.start(Map.of(
                "http.tls.certificate", keys.certificate().toString(),
                "http.tls.key", keys.key().toString(),
                "http.read.timeout", READ_TIMEOUT_SECONDS + "s"));
    }

    @AfterAll
    static void stop() throws IOException {
        program.close();
    }

    @BeforeEach
    void connect() {
        raw = vertx.createHttpClient(new HttpClientOptions()
                .setSsl(true)
                .setTrustAll(true)
                .setVerifyHost(false)
                .setUseAlpn(true)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2MaxPoolSize(1)
                .setHttp2KeepAliveTimeout(0));
    }

    @AfterEach
    void disconnect() {
        vertx.close();
    }

    private static URI uri(String path) {
        return URI.create("https://localhost:" + program.http().port() + path);
    }

    private static HttpResponse<String> send(String method, String path, String type, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static <T> T join(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    private HttpClientRequest request(HttpMethod method, String path) {
        return join(raw.request(method, program.http().port(), "localhost", path)
                .map(request -> request.exceptionHandler(cancelled -> {})));
    }

    private int status(HttpMethod method, String path) {
        return join(request(method, path).send()).statusCode();
    }

    /** An answer with its body, which must be requested before it arrives. */
    private record FullAnswer(HttpClientResponse head, String body) {
        static FullAnswer of(Future<HttpClientResponse> answer) {
            return join(answer.compose(head -> head.body().map(body -> new FullAnswer(head, body.toString()))));
        }
    }

    @Test
    @Order(1)
    void servesBothVersionsOverTlsOnly() throws Exception {
        HttpResponse<String> two = send("GET", "/api/v1/comments", null, null);
        HttpResponse<String> one = client.send(
                HttpRequest.newBuilder(uri("/api/v1/comments"))
                        .version(HttpClient.Version.HTTP_1_1)
                        .build(),
                BodyHandlers.ofString());

        assertThat(two.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(two.sslSession().orElseThrow().getProtocol()).isIn("TLSv1.2", "TLSv1.3");
        assertThat(one.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(one.body()).isEqualTo(two.body());
        assertThatThrownBy(() -> program.http().get("/api/v1/comments")).hasRootCauseInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @Order(2)
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /send | application/x-www-form-urlencoded | fromID=2&toID=1&message=over+2 | 200 | Notification sent",
                "POST | /order | application/json | " + ORDER + " | 202 | h2-1",
                "POST | /api/v1/comments | Application/JSON | {\"text\":\"sealed\"} | 200 | pushed successfully",
                "POST | /api/v1/events | application/json | {\"key\":\"k\",\"value\":{\"kind\":\"signup\"}} | 202 | /api/v1/messages/",
                "GET | /notifications/1 | | | 200 | notifications",
                "GET | /openapi | | | 200 | openapi",
                "GET | /nothing | | | 404 | nothing at this path",
                "DELETE | /order | | | 405 | This path takes POST",
                "POST | /order | text/plain | x | 415 | application/json",
                "POST | /order | application/json | { | 400 | problem",
                "GET | /order/%zz | | | 400 | malformed",
                "OPTIONS | * | | | 404 | nothing at this path"
            })
    void answersAsWithHttp1(String method, String path, String type, String body, int status, String text)
            throws Exception {
        HttpClientRequest request = request(HttpMethod.valueOf(method), path);
        if (type != null) {
            request.putHeader("Content-Type", type);
        }
        FullAnswer answered = FullAnswer.of(body == null ? request.send() : request.send(body));
        HttpClientResponse answer = answered.head();

        assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answered.body()).containsIgnoringCase(text);
        if (status == 405) {
            assertThat(answer.getHeader("allow")).isEqualTo("POST");
        }
        assertThat(answer.getHeader("connection")).isNull();
    }

    @Test
    @Order(3)
    void rejectsTooLargeRequests() throws Exception {
        HttpResponse<String> body = send("POST", "/order", "application/json", "x".repeat(2 * 1024 * 1024));
        assertThat(body.statusCode()).isEqualTo(413);
        assertThat(body.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(send("GET", "/" + "x".repeat(5_000), null, null).statusCode())
                .isEqualTo(414);

        HttpResponse<String> headers = client.send(
                HttpRequest.newBuilder(uri("/api/v1/comments"))
                        .header("X-Large", "x".repeat(17 * 1024))
                        .build(),
                BodyHandlers.ofString());
        assertThat(headers.statusCode()).isEqualTo(431);

        HttpConnection connection = request(HttpMethod.GET, "/api/v1/comments").connection();
        assertThat(connection.remoteSettings().getMaxHeaderListSize()).isEqualTo(16 * 1024);
        assertThat(connection.remoteSettings().getMaxConcurrentStreams()).isEqualTo(100);
    }

    @ParameterizedTest
    @Order(4)
    @CsvSource({"evil.example,403", "localhost,200", "127.0.0.1,200"})
    void rejectsForeignHostNames(String name, int status) {
        HttpClientRequest request = join(raw.request(new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(program.http().port(), "127.0.0.1"))
                .setHost(name)
                .setPort(program.http().port())
                .setURI("/api/v1/comments")));

        assertThat(join(request.send()).statusCode()).isEqualTo(status);
    }

    @Test
    @Order(5)
    void cancelledRequestsDoNotAffectOthers() {
        HttpConnection connection = null;
        for (int i = 0; i < 50; i++) {
            HttpClientRequest cancelled = request(HttpMethod.POST, "/order");
            cancelled.putHeader("Content-Type", "application/json").setChunked(true);
            join(cancelled.write(Buffer.buffer("{")));
            cancelled.reset();
            HttpClientRequest read = request(HttpMethod.GET, "/notifications/1");
            connection = read.connection();
            read.send();
            read.reset();
        }
        HttpClientRequest last = request(HttpMethod.GET, "/notifications/1");

        assertThat(last.connection()).isSameAs(connection);
        assertThat(join(last.send()).statusCode()).isEqualTo(200);
    }

    @Test
    @Order(6)
    void aConnectionThatCancelsHundredsOfRequestsIsClosed() {
        HttpConnection connection = request(HttpMethod.GET, "/notifications/1").connection();
        AtomicBoolean closed = new AtomicBoolean();
        connection.closeHandler(any -> closed.set(true));
        for (int i = 0; i < 250 && !closed.get(); i++) {
            // Incomplete, because a request that was answered already is not cancelled.
            HttpClientRequest cancelled = request(HttpMethod.POST, "/order");
            cancelled.putHeader("Content-Type", "application/json").setChunked(true);
            cancelled.write("{");
            cancelled.reset();
        }

        await().untilTrue(closed);
        assertThat(status(HttpMethod.GET, "/notifications/1")).isEqualTo(200);
    }

    @Test
    @Order(7)
    void rejectsASlowRequestAndAnswersTheOthers() throws Exception {
        long begin = System.nanoTime();
        HttpClientRequest slow = request(HttpMethod.POST, "/order");
        slow.putHeader("Content-Type", "application/json").setChunked(true);
        join(slow.write("{"));
        CompletableFuture<HttpClientResponse> answer =
                slow.response().toCompletionStage().toCompletableFuture();
        while (!answer.isDone()) {
            HttpClientRequest other = request(HttpMethod.GET, "/notifications/1");
            assertThat(other.connection()).isSameAs(slow.connection());
            assertThat(join(other.send()).statusCode()).isEqualTo(200);
        }

        assertThat(answer.get().statusCode()).isEqualTo(408);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(READ_TIMEOUT_SECONDS));
        assertThat(status(HttpMethod.GET, "/notifications/1")).isEqualTo(200);
    }

    @Test
    @Order(8)
    void closesIdleConnectionsExceptThoseWithAStream() {
        HttpConnection idle = request(HttpMethod.GET, "/notifications/1").connection();
        AtomicBoolean closed = new AtomicBoolean();
        idle.closeHandler(any -> closed.set(true));
        assertThat(status(HttpMethod.GET, "/notifications/1")).isEqualTo(200);
        try (EventStream stream = stream(2)) {
            stream.await("count", 1);

            await().untilTrue(closed);
            sendTo(2);
            stream.await("notification", 1);
        }
    }

    @Test
    @Order(9)
    void disconnectsAClientThatDoesNotReadItsAnswer() {
        String text = "x".repeat(9_900);
        for (int i = 0; i < 30; i++) {
            sendTo(4, text);
        }
        await().until(() ->
                FullAnswer.of(request(HttpMethod.GET, "/notifications/4").send())
                                .body()
                                .length()
                        > 250_000);
        HttpClientResponse unread =
                join(request(HttpMethod.GET, "/notifications/4").send().map(answer -> {
                    answer.pause();
                    return answer;
                }));
        AtomicBoolean closed = new AtomicBoolean();
        unread.request().connection().closeHandler(any -> closed.set(true));

        await().untilTrue(closed);
    }

    @Test
    @Order(10)
    void aClosedStreamNoLongerCounts() {
        await().until(() -> connections() == 0);
        List<EventStream> streams =
                IntStream.range(0, 20).mapToObj(i -> stream(3)).toList();
        streams.forEach(stream -> stream.await("count", 1));
        assertThat(connections()).isEqualTo(20);
        try (EventStream tooMany = stream(3)) {
            assertThat(tooMany.status()).isEqualTo(429);
        }

        streams.forEach(EventStream::close);

        await().until(() -> connections() == 0);
    }

    @Test
    @Order(11)
    void anUnreadStreamUsesLimitedMemory() {
        HttpClientResponse unread = join(request(HttpMethod.GET, "/notifications/4/stream?after=0")
                .send()
                .map(answer -> {
                    answer.pause();
                    return answer;
                }));
        assertThat(unread.statusCode()).isEqualTo(200);
        await().until(() -> metric("caravan_sse_clients_behind") == 1);
        assertThat(metric("caravan_sse_held_bytes")).isBetween(1.0, 64.0 * 1024);

        unread.request().reset();

        await().until(() -> metric("caravan_sse_held_bytes") == 0);
        await().until(() -> connections() == 0);
    }

    @Test
    @Order(12)
    @SuppressWarnings("unchecked")
    void oneConnectionCarriesTwentyStreams() {
        await().until(() -> connections() == 0);
        try (Browser browser = Browser.start()) {
            Page page = browser.openSelfSigned(uri("/notifications/1").toString());
            page.evaluate(
                    """
                    () => {
                      window.got = [];
                      for (let i = 0; i < 20; i++) {
                        new EventSource(`/notifications/${1 + i % 4}/stream`)
                          .addEventListener('notification', event => window.got.push(i));
                      }
                    }
                    """);
            await().until(() -> connections() == 20);
            IntStream.rangeClosed(1, 4).forEach(Http2IT::sendTo);

            await().untilAsserted(() -> assertThat((List<Integer>) page.evaluate("() => window.got"))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 20).boxed().toList()));
            assertThat(page.evaluate("() => performance.getEntriesByType('navigation')[0].nextHopProtocol"))
                    .isEqualTo("h2");
        }
    }

    @Test
    @Order(13)
    void stopEndsStreamsAndAnswersRequests() throws Exception {
        HttpClientRequest open = request(HttpMethod.POST, "/order");
        open.putHeader("Content-Type", "application/json").setChunked(true);
        join(open.write(ORDER.substring(0, 20)));
        AtomicBoolean goneAway = new AtomicBoolean();
        open.connection().goAwayHandler(any -> goneAway.set(true));
        List<EventStream> streams = new ArrayList<>(List.of(stream(2), stream(3)));
        streams.forEach(stream -> stream.await("count", 1));

        CompletableFuture<Void> stop =
                CompletableFuture.runAsync(() -> program.caravan().close());

        for (EventStream stream : streams) {
            assertThat(stream.await("bye", 1).data().path("reason").asText()).isEqualTo("drain");
            await().until(stream::isOver);
        }
        HttpClientResponse answer = join(open.end(ORDER.substring(20)).compose(any -> open.response()));
        assertThat(answer.statusCode()).isIn(202, 503);
        stop.join();
        await().untilTrue(goneAway);
        assertThatThrownBy(() -> send("GET", "/api/v1/comments", null, null)).isInstanceOf(IOException.class);
    }

    private static EventStream stream(int user) {
        return EventStream.open(client, uri("/notifications/" + user + "/stream"), Map.of());
    }

    private static void sendTo(int user) {
        sendTo(user, "over HTTP/2");
    }

    private static void sendTo(int user, String message) {
        try {
            HttpResponse<String> answer = send(
                    "POST",
                    "/send",
                    "application/x-www-form-urlencoded",
                    "fromID=1&toID=" + user + "&message=" + message.replace(' ', '+'));
            assertThat(answer.statusCode()).isEqualTo(200);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static double connections() {
        return metric("caravan_sse_connections");
    }

    private static double metric(String name) {
        return Scrape.of(program.management()).samples().stream()
                .filter(sample -> sample.name().equals(name))
                .mapToDouble(sample -> sample.value())
                .sum();
    }
}
