package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * From the moment at which a notification is due to be sent until a GET of the inbox has brought it, with Caravan alone: its own
 * broker and database. 500 a second are sent, whether or not the ones before have been answered, to four users; every tenth
 * goes to the one whose inbox is watched, by one client that asks again a millisecond after each answer.
 */
final class Latency {

    private static final int RATE = 500;
    private static final int WATCHED = 10;
    private static final Duration ANSWERED = Duration.ofSeconds(10);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = new ObjectMapper();
    private final Launched caravan;
    private final Report report;

    /** Number of a watched message → when it was due. */
    private final Map<Integer, Long> due = new ConcurrentHashMap<>();

    private final List<Double> millis = new ArrayList<>();
    private long after;
    private int number;
    private int refused;

    private Latency(Launched caravan, Report report) {
        this.caravan = caravan;
        this.report = report;
    }

    static void run(Stand stand, Plan plan, Report report) throws Exception {
        Map<String, String> own = Map.of("KAFKA_EMBEDDED_PORT", "" + Stand.freePort());
        try (Launched caravan = stand.caravan(stand.folder("latency"), own)) {
            caravan.untilItSays("Caravan is ready");
            Latency latency = new Latency(caravan, report);
            report.progress("latency: warm-up");
            latency.send(3 * plan.warmUpSeconds());
            latency.millis.clear();
            latency.due.clear();
            latency.refused = 0;
            report.progress("latency: " + 6 * plan.seconds() + " s");
            latency.send(6 * plan.seconds());
            report.check(latency.refused == 0, "latency: " + latency.refused + " answers were not 2xx");
            report.check(latency.due.isEmpty(), "latency: " + latency.due.size() + " were never seen");
            report.state(
                    "latency POST /send until in the GET, 500/s",
                    Report.format(
                            "p50 %.1f ms, p99 %.1f ms",
                            Report.quantile(latency.millis, 0.5), Report.quantile(latency.millis, 0.99)),
                    "p50 10 ms, p99 60 ms");
        }
    }

    /** Returns when all that is watched has been seen. */
    private void send(int seconds) throws Exception {
        int count = RATE * seconds;
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        CompletableFuture<Void> watching = CompletableFuture.runAsync(
                () -> watch(count / WATCHED, seconds + 30), each -> new Thread(each).start());
        long start = System.nanoTime();
        for (int i = 0; i < count; i++, number++) {
            long at = start + i * 1_000_000_000L / RATE;
            while (System.nanoTime() < at) {
                LockSupport.parkNanos(at - System.nanoTime());
            }
            boolean watched = i % WATCHED == 0;
            if (watched) {
                due.put(number, at);
            }
            String body = "{\"fromID\":2,\"toID\":" + (watched ? 1 : 2 + i % 3) + ",\"message\":\"" + number + "\"}";
            HttpRequest request = HttpRequest.newBuilder(URI.create(caravan.url("/send")))
                    .header("Content-Type", "application/json")
                    .timeout(ANSWERED)
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            answers.add(http.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                    .thenApply(HttpResponse::statusCode)
                    .exceptionally(failure -> 0));
        }
        for (CompletableFuture<Integer> answer : answers) {
            refused += answer.join() / 100 == 2 ? 0 : 1;
        }
        watching.join();
    }

    private void watch(int count, int seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (int seen = 0; seen < count && System.nanoTime() < end; LockSupport.parkNanos(1_000_000)) {
            URI inbox = URI.create(caravan.url("/notifications/1?limit=200&after=" + after));
            try {
                HttpResponse<byte[]> answer = http.send(
                        HttpRequest.newBuilder(inbox).timeout(ANSWERED).build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                long now = System.nanoTime();
                for (JsonNode each : json.readTree(answer.body()).path("notifications")) {
                    after = each.get("id").asLong();
                    Long at = due.remove(each.get("message").asInt());
                    if (at != null) {
                        millis.add((now - at) / 1e6);
                        seen++;
                    }
                }
            } catch (IOException e) {
                report.progress("latency: the inbox is asked again after " + e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
