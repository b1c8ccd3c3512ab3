package dev.caravan.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.support.RawHttp;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.ext.web.Router;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server with one event loop whose token issuer does not answer. */
@Timeout(60)
class AuthenticatorTest {

    private static final int RATE = 3;
    private static final String SIGNED =
            text("{\"alg\":\"RS256\",\"kid\":\"k\"}") + "." + text("{\"sub\":\"1\"}") + ".AA";
    private static final String REQUEST =
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\nAuthorization: %s\r\n\r\n";

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answers = new CountDownLatch(1);
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Authenticator authenticator = new Authenticator();
    private HttpServer issuer;
    private int port;

    @BeforeEach
    void start() throws Exception {
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.createContext("/", call -> {
            asked.countDown();
            try {
                answers.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            call.sendResponseHeaders(500, -1);
            call.close();
        });
        issuer.start();
        DefaultCamelContext context = new DefaultCamelContext();
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "roles.routes",
                "o",
                "roles.dead-letters",
                "o",
                "roles.replays",
                "o",
                "roles.bulk-replays",
                "o",
                "roles.management",
                "o",
                "roles.failures",
                "o",
                "roles.every-user",
                "o"));
        properties.putAll(Map.of(
                "auth.tokens",
                "own=1",
                "auth.jwt.issuer",
                "https://issuer.example",
                "auth.jwt.audience",
                "caravan",
                "auth.jwt.keys",
                "http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys"));
        context.getPropertiesComponent().setInitialProperties(properties);
        Roles table = new Roles();
        table.setCamelContext(context);
        context.getRegistry().bind("roles", table);
        authenticator.setCamelContext(context);
        authenticator.setEnabled(true);
        authenticator.setRate(RATE);
        Router router = Router.router(vertx);
        router.route().handler(request -> authenticator.caller(request).onComplete(found -> request.response()
                .setStatusCode(found.succeeded() ? 200 : ((ProblemException) found.cause()).status())
                .end()));
        port = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
                .actualPort();
    }

    @AfterEach
    void stop() throws Exception {
        answers.countDown();
        issuer.stop(0);
        authenticator.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void verifyingSignaturesDoesNotBlockTheEventLoop() throws Exception {
        CompletableFuture<String> signed = CompletableFuture.supplyAsync(() -> send(SIGNED));
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();

        assertThat(send("own")).startsWith("HTTP/1.1 200 ");
        assertThat(signed).isNotDone();

        answers.countDown();
        assertThat(signed.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 503 ");
    }

    /** Without keys, verifying a signature would answer 503. */
    @Test
    void verifiesNoSignatureBeyondTheRequestRate() {
        answers.countDown();
        String wrong = REQUEST.formatted("keep-alive", "wrong").repeat(100 * RATE);

        // The last request may be in the next second, which permits further ones.
        await().untilAsserted(() -> {
            String all = RawHttp.send(port, wrong + REQUEST.formatted("close", SIGNED));

            assertThat(all.lines().filter(line -> line.startsWith("HTTP/1.1 ")).toList())
                    .hasSize(100 * RATE + 1)
                    .contains("HTTP/1.1 401 Unauthorized", "HTTP/1.1 429 Too Many Requests")
                    .last()
                    .isEqualTo("HTTP/1.1 429 Too Many Requests");
        });
    }

    private String send(String authorization) {
        return RawHttp.send(port, REQUEST.formatted("close", authorization));
    }

    private static String text(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
