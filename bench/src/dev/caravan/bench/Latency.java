package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The time from the scheduled send time of a notification until a GET of the inbox returns it, with embedded broker and database.
 * {@value #RATE} notifications per second are sent to four users at fixed times, whether or not earlier ones have been answered, on
 * {@value #CONNECTIONS} connections; waiting for a free connection counts. Every tenth goes to the watched user, whose inbox one client
 * reads again a millisecond after each answer.
 */
final class Latency implements AutoCloseable {

    private static final int RATE = 500;
    private static final int WATCHED_EVERY = 10;
    private static final int CONNECTIONS = 32;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int SEEN_SECONDS = 30;

    private final Vertx vertx = Vertx.vertx();
    // Vert.x limits the connections; the JDK's client opens another one for each concurrent request.
    private final HttpClient sending = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(CONNECTIONS));
    private final java.net.http.HttpClient watching = java.net.http.HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final ProgramProcess caravan;
    private final Report report;

    /** Number of a watched message → when it was due. */
    private final Map<Integer, Long> due = new ConcurrentHashMap<>();

    private final List<Double> millis = new ArrayList<>();
    private long after;
    private int number;
    private int failed;

    private Latency(ProgramProcess caravan, Report report) {
        this.caravan = caravan;
        this.report = report;
    }

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        Map<String, String> own = Map.of("KAFKA_EMBEDDED_PORT", "" + Testbed.freePort());
        try (ProgramProcess caravan = testbed.caravan(testbed.folder("latency"), own);
                Latency latency = new Latency(caravan, report)) {
            caravan.untilItSays("Caravan is ready");
            report.progress("latency: warm-up");
            latency.send(3 * plan.warmUpSeconds());
            latency.millis.clear();
            latency.due.clear();
            latency.failed = 0;
            report.progress("latency: " + 6 * plan.seconds() + " s");
            latency.send(6 * plan.seconds());
            report.check(latency.failed == 0, "latency: " + latency.failed + " answers were not 2xx");
            report.check(latency.due.isEmpty(), "latency: " + latency.due.size() + " were never seen");
            report.state(
                    "latency POST /send until in the GET, 500/s",
                    Report.format(
                            "p50 %.1f ms, p99 %.1f ms",
                            Report.quantile(latency.millis, 0.5), Report.quantile(latency.millis, 0.99)),
                    "p50 10 ms, p99 60 ms");
        }
    }

    @Override
    public void close() {
        now(vertx.close());
    }

    /** Returns when all accepted notifications to the watched user have been read, at the latest {@value #SEEN_SECONDS} s after the last answer. */
    private void send(int seconds) throws Exception {
        int count = RATE * seconds;
        List<Future<Integer>> answers = new ArrayList<>();
        AtomicLong end = new AtomicLong(Long.MAX_VALUE);
        CompletableFuture<Void> watched =
                CompletableFuture.runAsync(() -> watch(end), each -> new Thread(each).start());
        long start = System.nanoTime();
        for (int i = 0; i < count; i++, number++) {
            long at = start + i * 1_000_000_000L / RATE;
            Polling.until(at);
            boolean isWatched = i % WATCHED_EVERY == 0;
            if (isWatched) {
                due.put(number, at);
            }
            String body = "{\"fromID\":2,\"toID\":" + (isWatched ? 1 : 2 + i % 3) + ",\"message\":\"" + number + "\"}";
            int sent = number;
            answers.add(send(body).onSuccess(status -> {
                if (status / 100 != 2) {
                    due.remove(sent);
                }
            }));
        }
        for (Future<Integer> answer : answers) {
            failed += now(answer) / 100 == 2 ? 0 : 1;
        }
        end.set(System.nanoTime() + SEEN_SECONDS * 1_000_000_000L);
        watched.join();
    }

    /** The status of the answer; 0 without an answer. */
    private Future<Integer> send(String body) {
        RequestOptions to = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(caravan.url("/send"))
                .putHeader("Content-Type", "application/json")
                .setTimeout(TIMEOUT.toMillis());
        return sending.request(to)
                .compose(request -> request.send(body))
                .map(HttpClientResponse::statusCode)
                .otherwise(0);
    }

    private static <T> T now(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private void watch(AtomicLong end) {
        while (end.get() == Long.MAX_VALUE || !due.isEmpty() && System.nanoTime() < end.get()) {
            LockSupport.parkNanos(1_000_000);
            URI inbox = URI.create(caravan.url("/notifications/1?limit=200&after=" + after));
            try {
                byte[] answer = watching.send(
                                HttpRequest.newBuilder(inbox).timeout(TIMEOUT).build(), BodyHandlers.ofByteArray())
                        .body();
                long arrived = System.nanoTime();
                for (JsonNode each : json.readTree(answer).path("notifications")) {
                    after = each.get("id").asLong();
                    Long at = due.remove(each.get("message").asInt());
                    if (at != null) {
                        millis.add((arrived - at) / 1e6);
                    }
                }
            } catch (IOException e) {
                report.progress("latency: reading the inbox again after " + e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
