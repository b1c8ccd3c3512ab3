package dev.caravan.capability.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.caravan.capability.webhooks.WebhookClient.Answer;
import dev.caravan.support.SelfSignedCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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

    /** The host does not exist, so a lookup by the client would fail. */
    @Test
    void connectsToTheCheckedAddressWithTheHostName() {
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
    void keepsTheBeginningOfAnAnswer() {
        assertThat(post("http://hooks.invalid:" + port() + "/busy"))
                .isEqualTo(new Answer(503, "x " + "😀".repeat(198), 7000));
    }

    @Test
    void timeoutIsAFailure() {
        assertThat(post(impatient, "http://hooks.invalid:" + port() + "/silent"))
                .isEqualTo(Answer.failed("no answer within 500 ms"));
    }

    @Test
    void statusCountsIfTheBodyNeverEnds() {
        // On a busy machine, the status may also come too late.
        Awaitility.await().until(() -> post(impatient, "http://hooks.invalid:" + port() + "/endless")
                .isSuccess());
    }

    @Test
    void closedPortIsAFailure() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }

        Answer answer = post("http://hooks.invalid:" + closed + "/ok");

        assertThat(answer.isSuccess()).isFalse();
        assertThat(answer.status()).isZero();
        assertThat(answer.text()).contains("refused");
    }

    /** The reason contains its bytes, and databases reject NUL. */
    @Test
    void answerThatIsNotHttpIsAFailure() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                try (Socket client = socket.accept()) {
                    client.getOutputStream().write("no\0HTTP at\0all\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    await();
                } catch (IOException e) {
                    // The test has ended.
                }
            });
            answering.start();

            Answer answer = post("http://hooks.invalid:" + socket.getLocalPort() + "/ok");

            assertThat(answer.status()).isZero();
            assertThat(answer.text()).contains("invalid version").doesNotContain("\0");
        }
    }

    @Test
    void untrustedCertificateIsAFailure(@TempDir Path folder) throws Exception {
        HttpsServer https = https(new SelfSignedCertificate(folder));

        Answer answer = post("https://localhost:" + https.getAddress().getPort() + "/ok");

        https.stop(0);
        assertThat(answer.status()).isZero();
        assertThat(answer.text()).contains("unable to find valid certification path");
    }

    @Test
    void trustsCertificatesOfTheJvmTrustStoreForTheirHost(@TempDir Path folder) throws Exception {
        SelfSignedCertificate selfSigned = new SelfSignedCertificate(folder);
        HttpsServer https = https(selfSigned);
        System.setProperty("javax.net.ssl.trustStore", selfSigned.store().toString());
        System.setProperty("javax.net.ssl.trustStorePassword", SelfSignedCertificate.PASSWORD);
        try (WebhookClient trusting = new WebhookClient(Duration.ofSeconds(20), 4)) {
            Answer answer =
                    post(trusting, "https://localhost:" + https.getAddress().getPort() + "/ok");
            Answer otherHost =
                    post(trusting, "https://hooks.invalid:" + https.getAddress().getPort() + "/ok");

            assertThat(answer).isEqualTo(new Answer(204, "", 0));
            assertThat(otherHost.status()).isZero();
            assertThat(otherHost.text()).contains("hooks.invalid");
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
            https.stop(0);
        }
    }

    private static HttpsServer https(SelfSignedCertificate selfSigned) throws Exception {
        KeyStore store =
                KeyStore.getInstance(selfSigned.store().toFile(), SelfSignedCertificate.PASSWORD.toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, SelfSignedCertificate.PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        HttpsServer https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(tls));
        https.createContext("/ok", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        https.start();
        return https;
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
