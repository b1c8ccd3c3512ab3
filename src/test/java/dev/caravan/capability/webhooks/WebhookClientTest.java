package dev.caravan.capability.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.capability.webhooks.WebhookClient.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WebhookClientTest {

    private final WebhookClient client = new WebhookClient(Duration.ofSeconds(20), 4);
    private final WebhookClient impatient = new WebhookClient(Duration.ofMillis(500), 4);
    private final List<String> received = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch stop = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        handle("/ok", exchange -> exchange.sendResponseHeaders(204, -1));
        handle("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", "http://127.0.0.1:" + port() + "/ok");
            exchange.sendResponseHeaders(307, -1);
        });
        handle("/busy", exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "7");
            byte[] text = ("x\0" + "😀".repeat(25_000)).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(503, text.length);
            exchange.getResponseBody().write(text);
        });
        handle("/silent", exchange -> await());
        handle("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream body = exchange.getResponseBody();
            body.write('a');
            body.flush();
            await();
        });
        server.start();
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private void handle(String path, Handler handler) {
        server.createContext(path, exchange -> {
            received.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " of "
                    + exchange.getRequestHeaders().getFirst("Host") + ": "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            handler.handle(exchange);
            exchange.close();
        });
    }

    private void await() {
        try {
            stop.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void end() {
        stop.countDown();
        client.close();
        impatient.close();
        server.stop(0);
    }

    /** There is no such host: a lookup of the client's own would fail. */
    @Test
    void connectsToTheCheckedAddressInTheNameOfTheHost() {
        Answer answer = post("http://hooks.invalid:" + port() + "/ok?a=b");

        assertThat(answer).isEqualTo(new Answer(204, "", 0));
        assertThat(received).containsExactly("POST /ok?a=b of hooks.invalid:" + port() + ": {}");
    }

    @Test
    void followsNoRedirect() {
        assertThat(post("http://hooks.invalid:" + port() + "/moved").status()).isEqualTo(307);
        assertThat(received).hasSize(1);
    }

    @Test
    void keepsOnlyTheBeginningOfAnAnswer() {
        assertThat(post("http://hooks.invalid:" + port() + "/busy"))
                .isEqualTo(new Answer(503, "x " + "😀".repeat(198), 7000));
    }

    @Test
    void anEndpointThatDoesNotAnswerInTimeFailed() {
        assertThat(post(impatient, "http://hooks.invalid:" + port() + "/silent"))
                .isEqualTo(Answer.failed("no answer within 500 ms"));
    }

    @Test
    void theStatusCountsEvenIfTheBodyNeverEnds() {
        assertThat(post(impatient, "http://hooks.invalid:" + port() + "/endless")
                        .isSuccess())
                .isTrue();
    }

    @Test
    void aClosedPortFailed() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }

        Answer answer = post("http://hooks.invalid:" + closed + "/ok");

        assertThat(answer.isSuccess()).isFalse();
        assertThat(answer.status()).isZero();
        assertThat(answer.text()).contains("refused");
    }

    /** Its bytes are in the reason, and a database stores no NUL. */
    @Test
    void anAnswerThatIsNoHttpFailed() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                try (Socket client = socket.accept()) {
                    client.getOutputStream().write("no\0HTTP at\0all\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    await();
                } catch (IOException e) {
                    // The test is over.
                }
            });
            answering.start();

            Answer answer = post("http://hooks.invalid:" + socket.getLocalPort() + "/ok");

            assertThat(answer.status()).isZero();
            assertThat(answer.text()).contains("invalid version").doesNotContain("\0");
        }
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private Answer post(String url) {
        return post(client, url);
    }

    private static Answer post(WebhookClient client, String url) {
        return client.post(
                        WebhookUrl.of(url),
                        InetAddress.getLoopbackAddress(),
                        Map.of("Content-Type", "application/json"),
                        "{}".getBytes(StandardCharsets.UTF_8))
                .join();
    }
}
