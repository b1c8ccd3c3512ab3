package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
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
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures deliveries to {@value #ENDPOINTS} endpoints with and without two dead ones that get the same events: one never answers, so that
 * each attempt ends after 15 s, the other refuses connections. The dead endpoints are new in each round, so that their first failures
 * are part of it.
 */
final class Webhooks implements AutoCloseable {

    private static final int ENDPOINTS = 3;
    private static final int BURST = 1_000;
    private static final int BATCH = 250;
    private static final int RATE = 40;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger arrived = new AtomicInteger();
    /** Number of an event → when it was due. */
    private final Map<Integer, Long> due = new ConcurrentHashMap<>();

    private final Queue<Double> millis = new ConcurrentLinkedQueue<>();
    private final List<String> dead = new ArrayList<>();
    private final ProgramProcess caravan;
    private final HttpServer server;
    private int number;

    private Webhooks(ProgramProcess caravan) throws Exception {
        this.caravan = caravan;
        this.server = vertx.createHttpServer()
                .requestHandler(this::receive)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get();
    }

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        Path data = testbed.folder("webhooks");
        Map<String, String> settings = Map.of(
                "KAFKA_BROKERS",
                testbed.brokers(),
                "WEBHOOKS_ENABLED",
                "true",
                "WEBHOOKS_ALLOWED_NETWORKS",
                "127.0.0.0/8",
                "PUBLISH_TIMEOUT",
                "15s");
        try (ProgramProcess caravan = testbed.caravan(data, settings).untilItSays("Caravan is ready");
                Webhooks webhooks = new Webhooks(caravan)) {
            for (int i = 0; i < ENDPOINTS; i++) {
                webhooks.add(webhooks.server.actualPort(), "/" + i);
            }
            report.progress("webhooks: warm-up");
            for (long end = System.nanoTime() + plan.warmUpSeconds() * 1_000_000_000L; System.nanoTime() < end; ) {
                webhooks.burst();
            }
            report.compare(
                    "webhooks, " + BURST + " events to " + ENDPOINTS + " endpoints",
                    0.95,
                    new Report.Side("beside two dead ones", () -> webhooks.besideDead(webhooks::burst)),
                    new Report.Side("alone", webhooks::burst));
            webhooks.latency(plan, report);
        }
    }

    private void latency(Plan plan, Report report) throws Exception {
        List<Double> beside = new ArrayList<>();
        List<Double> alone = new ArrayList<>();
        for (int round = 1; round <= plan.rounds(); round++) {
            report.progress("webhooks: latency, round " + round + " of " + plan.rounds());
            besideDead(() -> paced(4 * plan.seconds(), beside));
            paced(4 * plan.seconds(), alone);
        }
        report.state(
                "webhooks, latency of " + RATE + " events/s to " + ENDPOINTS + " endpoints",
                Report.format(
                        "beside two dead ones p50 %.0f ms, p99 %.0f ms; alone p50 %.0f ms, p99 %.0f ms; ratio of the means %.2f",
                        Report.quantile(beside, 0.5),
                        Report.quantile(beside, 0.99),
                        Report.quantile(alone, 0.5),
                        Report.quantile(alone, 0.99),
                        mean(beside) / mean(alone)),
                "1.05");
    }

    private static double mean(List<Double> figures) {
        return figures.stream().mapToDouble(figure -> figure).average().orElseThrow();
    }

    private Sample besideDead(Sample.Round round) throws Exception {
        HttpServer silent = vertx.createHttpServer()
                .requestHandler(request -> {})
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        dead.add(add(silent.actualPort(), "/silent"));
        dead.add(add(Testbed.freePort(), "/refused"));
        try {
            return round.run();
        } finally {
            for (String id : dead) {
                send("DELETE", "/api/v1/webhooks/" + id, "", 204);
            }
            dead.clear();
            silent.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    /** Sends events in batches without a pause. */
    private Sample burst() throws Exception {
        int before = arrived.get();
        double cpu = caravan.cpuMillis();
        long begin = System.nanoTime();
        int accepted = 0;
        while (accepted < BURST) {
            String events = IntStream.range(0, BATCH)
                    .mapToObj(each -> "{\"value\":" + number++ + "}")
                    .collect(Collectors.joining(",", "[", "]"));
            for (JsonNode receipt : send("POST", "/api/v1/events", events, 207)) {
                accepted += receipt.path("status").asInt() == 202 ? 1 : 0;
            }
        }
        int all = accepted * ENDPOINTS;
        Polling.until(TIMEOUT, all + " deliveries", () -> arrived.get() - before >= all);
        return new Sample(all / ((System.nanoTime() - begin) / 1e9), (caravan.cpuMillis() - cpu) / all);
    }

    /** @param latencies receives the latency of each delivery */
    private Sample paced(int seconds, List<Double> latencies) throws Exception {
        int before = arrived.get();
        double cpu = caravan.cpuMillis();
        int all = RATE * seconds * ENDPOINTS;
        millis.clear();
        long start = System.nanoTime();
        for (int i = 0; i < RATE * seconds; i++) {
            long at = start + i * 1_000_000_000L / RATE;
            Polling.until(at);
            due.put(number, at);
            send("POST", "/api/v1/events", "{\"value\":" + number++ + "}", 202);
        }
        Polling.until(TIMEOUT, all + " deliveries", () -> arrived.get() - before >= all);
        due.clear();
        latencies.addAll(millis);
        return new Sample(RATE, (caravan.cpuMillis() - cpu) / all);
    }

    private void receive(HttpServerRequest request) {
        request.bodyHandler(body -> {
            long now = System.nanoTime();
            request.response().setStatusCode(204).end();
            Long at = due.get(body.toJsonObject().getInteger("data"));
            if (at != null) {
                millis.add((now - at) / 1e6);
            }
            arrived.incrementAndGet();
        });
    }

    /** @return the id of the endpoint */
    private String add(int port, String path) throws Exception {
        String url = "http://127.0.0.1:" + port + path;
        JsonNode added = send("POST", "/api/v1/webhooks", "{\"url\":\"" + url + "\",\"topics\":[\"events\"]}", 201);
        return added.path("id").asText();
    }

    private JsonNode send(String method, String path, String body, int status) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(caravan.url(path)))
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != status) {
            throw new IllegalStateException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return json.readTree(answer.body());
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
