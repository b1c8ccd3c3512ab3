package dev.caravan.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures one Caravan with {@value #STREAMS} live inboxes: memory and CPU at rest; at {@value #RATE} notifications per second to random
 * users, the time from the scheduled send time until the event arrives; and ingest at the same time. Clients run on the same machine.
 */
final class LiveStreams implements AutoCloseable {

    private static final int STREAMS = 10_000;
    private static final int RATE = 500;
    private static final int CONNECTIONS = 32;
    private static final int REST_SECONDS = 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient sending = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(CONNECTIONS));
    private final Map<Integer, Long> due = new ConcurrentHashMap<>();
    private final Queue<Double> millis = new ConcurrentLinkedQueue<>();
    private final Random random = new Random(1);
    private final ProgramProcess caravan;
    private final Report report;
    private StreamClients clients;
    private int number;

    private LiveStreams(ProgramProcess caravan, Report report) {
        this.caravan = caravan;
        this.report = report;
    }

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        Path data = testbed.folder("streams");
        Path users = Files.writeString(
                data.resolve("users.json"),
                IntStream.rangeClosed(1, STREAMS)
                        .mapToObj(user -> "{\"id\":" + user + ",\"name\":\"User " + user + "\"}")
                        .collect(Collectors.joining(",", "[", "]")));
        Map<String, String> settings = Map.of("KAFKA_BROKERS", testbed.brokers(), "USERS_FILE", users.toString());
        try (ProgramProcess caravan = testbed.caravan(data, settings);
                LiveStreams streams = new LiveStreams(caravan, report)) {
            caravan.untilItSays("Caravan is ready");
            Wrk wrk = new Wrk(report);
            report.progress("streams: warm-up");
            wrk.run(caravan, "order", 64, plan.warmUpSeconds(), 0);
            // First, because memory of earlier streams would be reused and not counted.
            streams.rest();
            streams.send(plan.warmUpSeconds());
            streams.latency(plan);
            report.compare(
                    "ingest 64 connections beside " + STREAMS + " streams",
                    0.9,
                    new Report.Side("beside", () -> {
                        streams.open();
                        return wrk.measure(caravan, "order", 64, plan.seconds());
                    }),
                    new Report.Side("alone", () -> {
                        streams.closeStreams();
                        return wrk.measure(caravan, "order", 64, plan.seconds());
                    }));
        }
    }

    private void rest() throws Exception {
        report.progress("streams: at rest");
        double heap = SteadyLoad.heap(caravan);
        double resident = caravan.residentMiB();
        open();
        double cpu = caravan.cpuMillis();
        long begin = System.nanoTime();
        Thread.sleep(REST_SECONDS * 1000L);
        double percent = (caravan.cpuMillis() - cpu) / ((System.nanoTime() - begin) / 1e6) * 100;
        report.state(
                STREAMS + " idle streams",
                Report.format(
                        "resident %.1f KB a stream, heap %.1f KB a stream, CPU %.1f %% of one core",
                        (caravan.residentMiB() - resident) * 1024 / STREAMS,
                        (SteadyLoad.heap(caravan) - heap) * 1024 / STREAMS,
                        percent),
                "25 KB");
    }

    private void latency(Plan plan) throws Exception {
        report.progress("streams: " + 6 * plan.seconds() + " s");
        millis.clear();
        send(6 * plan.seconds());
        List<Double> latencies = List.copyOf(millis);
        report.check(clients.ended() == 0, "streams: " + clients.ended() + " have ended");
        report.state(
                "latency POST /send until the event, 500/s, " + STREAMS + " streams",
                Report.format(
                        "p50 %.1f ms, p99 %.1f ms", Report.quantile(latencies, 0.5), Report.quantile(latencies, 0.99)),
                "p50 15 ms, p99 100 ms");
    }

    private void open() throws Exception {
        if (clients == null) {
            report.progress("streams: opening " + STREAMS);
            clients = StreamClients.open(caravan, STREAMS, (message, at) -> {
                Long dueAt = due.remove(message);
                if (dueAt != null) {
                    millis.add((at - dueAt) / 1e6);
                }
            });
        }
    }

    private void closeStreams() throws Exception {
        if (clients != null) {
            clients.close();
            clients = null;
        }
    }

    /** Returns when every event has arrived. */
    private void send(int seconds) throws Exception {
        List<Future<Integer>> answers = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < RATE * seconds; i++, number++) {
            long at = start + i * 1_000_000_000L / RATE;
            Polling.until(at);
            due.put(number, at);
            answers.add(send(
                    "{\"fromID\":1,\"toID\":" + (1 + random.nextInt(STREAMS)) + ",\"message\":\"" + number + "\"}"));
        }
        int failed = 0;
        for (Future<Integer> answer : answers) {
            failed += answer.toCompletionStage().toCompletableFuture().join() / 100 == 2 ? 0 : 1;
        }
        report.check(failed == 0, "streams: " + failed + " answers were not 2xx");
        Polling.until(TIMEOUT, due.size() + " events", due::isEmpty);
    }

    /** The status of the answer; 0 without an answer. */
    private Future<Integer> send(String body) {
        RequestOptions to = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(caravan.url("/send"))
                .putHeader("Content-Type", "application/json");
        return sending.request(to)
                .compose(request -> request.send(body))
                .map(HttpClientResponse::statusCode)
                .otherwise(0);
    }

    @Override
    public void close() throws Exception {
        closeStreams();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
