package dev.caravan.capability.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;

/** Deliveries to real endpoints and their failures. */
@ExtendWith(CaravanExtension.class)
@Timeout(300)
class WebhooksIT {

    private record Received(String path, String id, long timestamp, String signature, String body) {
        JsonNode json() {
            try {
                return new ObjectMapper().readTree(body);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private record Endpoint(String id, String path, String secret) {}

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final Map<String, Deque<Integer>> statuses = new ConcurrentHashMap<>();
    private final Deque<String> retryAfter = new ConcurrentLinkedDeque<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Endpoint> added = new ArrayList<>();
    private HttpServer server;
    private Http http;

    @BeforeEach
    void start(Program program) throws IOException {
        http = program.http();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", this::receive);
        server.start();
    }

    private void receive(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.startsWith("/silent")) {
            try {
                stop.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        received.add(new Received(
                path,
                exchange.getRequestHeaders().getFirst("webhook-id"),
                Long.parseLong(exchange.getRequestHeaders().getFirst("webhook-timestamp")),
                exchange.getRequestHeaders().getFirst("webhook-signature"),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
        if (path.startsWith("/busy") && !retryAfter.isEmpty()) {
            exchange.getResponseHeaders().add("Retry-After", retryAfter.pop());
        }
        exchange.sendResponseHeaders(status(path), -1);
        exchange.close();
    }

    /** The next of the path's statuses; the last one is repeated. */
    private synchronized int status(String path) {
        Deque<Integer> next = statuses.getOrDefault(path, new ArrayDeque<>());
        return next.isEmpty() ? 204 : next.size() > 1 ? next.pop() : next.peek();
    }

    @AfterEach
    void end() {
        stop.countDown();
        added.forEach(each -> http.send("DELETE", "/api/v1/webhooks/" + each.id(), null, Map.of()));
        server.stop(0);
    }

    @Test
    void deliversASignedNotificationOnce() {
        Endpoint of2 = add("/of-2", "\"user\":2");
        Endpoint of3 = add("/of-3", "\"user\":3");
        String text = send(2);

        Received webhook = await().until(() -> find(of2, text), found -> found != null);

        assertThat(webhook.id()).matches("msg_[0-9a-f]{32}_" + of2.id());
        assertThat(webhook.signature())
                .isEqualTo(WebhookSignature.of(
                        List.of(of2.secret()),
                        webhook.id(),
                        webhook.timestamp(),
                        webhook.body().getBytes(StandardCharsets.UTF_8)));
        assertThat(webhook.timestamp()).isCloseTo(Instant.now().getEpochSecond(), Offset.offset(60L));
        assertThat(webhook.json().path("type").asText()).isEqualTo("notifications");
        assertThat(webhook.json().at("/data/from/id").asInt()).isEqualTo(1);
        String last = send(3);
        await().until(() -> find(of3, last) != null);
        assertThat(received.stream().filter(each -> each.path().equals(of2.path())))
                .hasSize(1);
        assertThat(received.stream().filter(each -> each.path().equals(of3.path())))
                .hasSize(1);
    }

    @Test
    void deliversAnEventToTheEndpointOfItsTopic() {
        Endpoint all = add("/events", "\"topics\":[\"events\"]");
        String id = UUID.randomUUID().toString();

        http.postJson("/api/v1/events", "{\"value\":{\"id\":\"" + id + "\"}}");

        await().until(() -> find(all, id) != null);
        assertThat(find(all, id).json().at("/data/id").asText()).isEqualTo(id);
    }

    @Test
    void repeatsAFailedDeliveryWithTheSameId() {
        Endpoint flaky = add("/flaky", "\"user\":2");
        statuses.put(flaky.path(), new ArrayDeque<>(List.of(500, 429, 200)));

        send(2);

        await().until(() -> attempts(flaky).size() == 3);
        assertThat(attempts(flaky))
                .extracting(each -> each.path("status").asInt())
                .containsExactly(200, 429, 500);
        assertThat(received.stream().map(Received::id).distinct()).hasSize(1);
        assertThat(received).hasSize(3);
    }

    /** Two deliveries fail three times each, so the pause after five failures is between them. */
    @Test
    void pausesAnEndpointAfterFiveFailures() {
        Endpoint flaky = add("/paused", "\"user\":2");
        statuses.put(flaky.path(), new ArrayDeque<>(List.of(500, 500, 500, 500, 500, 200)));

        send(2);
        send(2);

        await().until(() -> attempts(flaky).size() == 6);
        assertThat(attempts(flaky).get(0).path("status").asInt()).isEqualTo(200);
        assertThat(show(flaky).path("failingSince").isNull()).isTrue();
    }

    @Test
    void replayResendsDeliveriesThatFailedAllAttempts() {
        Endpoint broken = add("/broken", "\"user\":2");
        statuses.put(broken.path(), new ArrayDeque<>(List.of(500)));
        send(2);
        await().until(() -> attempts(broken).size() == 3);
        statuses.remove(broken.path());
        String replay = "/api/v1/webhooks/" + broken.id() + "/replay";

        assertThat(http.postJson(replay + "?since=2999-01-01T00:00:00Z", "")
                        .json()
                        .path("replayed")
                        .asInt())
                .isZero();
        assertThat(http.postJson(replay, "").json().path("replayed").asInt()).isOne();

        await().until(() -> attempts(broken).size() == 4);
        assertThat(attempts(broken).get(0).path("status").asInt()).isEqualTo(204);
        assertThat(received.stream().map(Received::id).distinct()).hasSize(1);
        assertThat(http.postJson(replay, "").json().path("replayed").asInt()).isZero();
    }

    /** The retry delays are much shorter in this test. */
    @Test
    void respectsRetryAfter() {
        Endpoint busy = add("/busy", "\"user\":2");
        ZonedDateTime until = ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(3);
        retryAfter.add("1");
        retryAfter.add(DateTimeFormatter.RFC_1123_DATE_TIME.format(until));
        statuses.put(busy.path(), new ArrayDeque<>(List.of(503, 429, 200)));

        send(2);

        await().until(() -> attempts(busy).size() == 3);
        List<Instant> at = attempts(busy).stream()
                .map(each -> Instant.parse(each.path("at").asText()))
                .toList();
        assertThat(at.get(1)).isAfterOrEqualTo(at.get(2).plusSeconds(1));
        assertThat(at.get(0)).isAfterOrEqualTo(until.toInstant().truncatedTo(ChronoUnit.SECONDS));
    }

    @Test
    void disablesAnEndpointThatFailsForDays(Program program) {
        Endpoint dead = add("/dead", "\"user\":2");
        statuses.put(dead.path(), new ArrayDeque<>(List.of(500)));
        JdbcTemplate database =
                new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
        send(2);
        await().until(() -> attempts(dead).size() == 3);
        assertThat(state(dead)).isEqualTo("enabled");
        database.update(
                "UPDATE webhook_endpoints SET failing_since = ? WHERE id = ?",
                Timestamp.from(Instant.now().minus(Duration.ofDays(5))),
                dead.id());

        send(2);

        await().until(() -> state(dead).equals("disabled"));
        assertThat(show(dead).path("reason").asText()).startsWith("it has failed since 20");
        await().until(() -> database.queryForObject(
                        "SELECT COUNT(*) FROM operator_audit WHERE action = 'disable' AND target = ?",
                        Long.class,
                        "webhook " + dead.id())
                == 1);
        statuses.remove(dead.path());
        http.postJson("/api/v1/webhooks/" + dead.id() + "/enable", "");
        String later = send(2);
        await().until(() -> find(dead, later) != null);
        assertThat(show(dead).path("failingSince").isNull()).isTrue();
    }

    @Test
    void disablesAnEndpointThatAnswers410() {
        Endpoint gone = add("/gone", "\"user\":2");
        Endpoint other = add("/other", "\"user\":2");
        statuses.put(gone.path(), new ArrayDeque<>(List.of(410)));
        send(2);
        await().until(() -> state(gone).equals("disabled"));
        assertThat(show(gone).path("reason").asText()).isEqualTo("it answered 410 Gone");
        String whileDisabled = send(2);
        await().until(() -> find(other, whileDisabled) != null);
        statuses.remove(gone.path());

        http.postJson("/api/v1/webhooks/" + gone.id() + "/enable", "");

        assertThat(state(gone)).isEqualTo("enabled");
        await().until(() -> attempts(gone).size() == 2);
        assertThat(attempts(gone).get(0).path("status").asInt()).isEqualTo(204);
        String later = send(2);
        await().until(() -> find(gone, later) != null);
        assertThat(find(gone, whileDisabled)).isNull();
    }

    /** It does not answer before the test ends, and its first deliveries use up its limit. */
    @Test
    void silentEndpointDelaysNoOther() {
        Endpoint silent = add("/silent", "\"user\":2");
        Endpoint well = add("/well", "\"user\":2");
        for (int i = 0; i < 20; i++) {
            send(2);
        }

        await().untilAsserted(() -> assertThat(attempts(well)).hasSize(20));

        assertThat(attempts(silent)).isEmpty();
    }

    @Test
    void signsWithBothSecretsAfterARotation() {
        Endpoint endpoint = add("/test", "\"user\":2");
        String path = "/api/v1/webhooks/" + endpoint.id();
        String secret =
                http.postJson(path + "/secret", "").json().path("secret").asText();

        Http.Answer answer = http.postJson(path + "/test", "");

        assertThat(answer.status()).isEqualTo(202);
        Received test = await().until(
                        () -> received.stream()
                                .filter(each -> each.id()
                                        .equals(answer.json().path("webhookId").asText()))
                                .findFirst()
                                .orElse(null),
                        found -> found != null);
        assertThat(test.json().path("type").asText()).isEqualTo("test");
        assertThat(test.signature())
                .isEqualTo(WebhookSignature.of(
                        List.of(secret, endpoint.secret()),
                        test.id(),
                        test.timestamp(),
                        test.body().getBytes(StandardCharsets.UTF_8)));
        assertThat(show(endpoint).has("secret")).isFalse();
    }

    @Test
    void disabledWebhooksCreateNoConsumerAndNoTopic() throws Exception {
        try (Program off = Program.start(Map.of("webhooks.enabled", "false"))) {
            JsonNode routes = off.http().get("/api/v1/routes").json();

            assertThat(routes.path("routes").findValuesAsText("id"))
                    .contains("webhook-endpoints-add")
                    .doesNotContain("webhooks-consume", "webhooks-process", "webhooks-deliver");
            assertThat(routes.path("topics").toString())
                    .contains("notifications")
                    .doesNotContain("webhooks");
        }
    }

    private Endpoint add(String path, String whose) {
        Http.Answer answer = http.postJson(
                "/api/v1/webhooks",
                "{\"url\":\"http://127.0.0.1:" + server.getAddress().getPort() + path + "\"," + whose + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        Endpoint endpoint = new Endpoint(
                answer.json().path("id").asText(),
                path,
                answer.json().path("secret").asText());
        added.add(endpoint);
        return endpoint;
    }

    private String send(int user) {
        String text = UUID.randomUUID().toString();
        assertThat(http.postForm("/send", "fromID=1&toID=" + user + "&message=" + text)
                        .status())
                .isEqualTo(200);
        return text;
    }

    private Received find(Endpoint endpoint, String text) {
        return received.stream()
                .filter(each ->
                        each.path().equals(endpoint.path()) && each.body().contains(text))
                .findFirst()
                .orElse(null);
    }

    private JsonNode show(Endpoint endpoint) {
        return http.get("/api/v1/webhooks/" + endpoint.id()).json();
    }

    private String state(Endpoint endpoint) {
        return show(endpoint).path("state").asText();
    }

    private List<JsonNode> attempts(Endpoint endpoint) {
        List<JsonNode> items = new ArrayList<>();
        http.get("/api/v1/webhooks/" + endpoint.id() + "/attempts")
                .json()
                .path("items")
                .forEach(items::add);
        return items;
    }
}
