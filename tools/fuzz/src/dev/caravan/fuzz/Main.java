package dev.caravan.fuzz;

import dev.caravan.support.Http;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** {@code make fuzz}: fuzzes a running program, and checks its answers and that it processes what it accepted. */
public final class Main {

    private static final int CALLERS = 4;
    private static final int SENTINELS = 20;
    private static final long PROCESSED_MILLIS = 60_000;

    private Main() {}

    public static void main(String[] args) throws Exception {
        List<String> given = new ArrayList<>(Arrays.asList(args));
        boolean slow = given.remove("--slow");
        int port = given.isEmpty() ? 8080 : Integer.parseInt(given.get(0));
        System.exit(slow ? Slow.run(port) : fuzz(port, given));
    }

    private static int fuzz(int port, List<String> given) throws Exception {
        int requests = given.size() > 1 ? Integer.parseInt(given.get(1)) : 100_000;
        long seed = given.size() > 2 ? Long.parseLong(given.get(2)) : System.nanoTime();
        Http http = new Http("http://127.0.0.1:" + port);
        long failedBefore = failed(http);
        long begun = System.nanoTime();
        List<Fuzz.Wrong> wrong = new ArrayList<>();
        Map<Integer, Integer> statuses = new TreeMap<>();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        List<Future<List<Fuzz.Wrong>>> runs = new ArrayList<>();
        List<Fuzz> fuzzes = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            Fuzz fuzz = new Fuzz(port, seed + i);
            fuzzes.add(fuzz);
            runs.add(callers.submit(() -> fuzz.run(requests / CALLERS)));
        }
        for (Future<List<Fuzz.Wrong>> run : runs) {
            wrong.addAll(run.get());
        }
        callers.shutdown();
        fuzzes.forEach(fuzz -> fuzz.statuses().forEach((status, count) -> statuses.merge(status, count, Integer::sum)));
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
        // The program must not accept what its consumers cannot process.
        processed(http);
        long failed = failed(http) - failedBefore;
        if (failed > 0) {
            wrong.add(
                    new Fuzz.Wrong(failed + " attempts to process accepted messages failed", "see the program's log"));
        }
        wrong.stream().limit(50).forEach(System.out::println);
        System.out.println(requests + " requests of seed " + seed + " in " + seconds + " s, statuses " + statuses + ", "
                + failed + " failed attempts, " + wrong.size() + " wrong");
        return wrong.isEmpty() ? 0 : 1;
    }

    /** The number of failed attempts of consumers since the program's start. */
    private static long failed(Http http) {
        long failed = 0;
        for (var route : http.get("/api/v1/routes").json().path("routes")) {
            failed += route.path("id").asText().endsWith("-process")
                    ? route.path("failures").asLong()
                    : 0;
        }
        return failed;
    }

    /** Sends orders to all partitions and waits until they have been processed. */
    private static void processed(Http http) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PROCESSED_MILLIS);
        for (int i = 0; i < SENTINELS; i++) {
            String id = "fuzz-" + System.nanoTime();
            String sent = http.postJson(
                            "/order",
                            "{\"id\":\"" + id
                                    + "\",\"user_id\":\"7\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}")
                    .header("Location");
            while (!http.get(sent).json().path("state").asText().equals("processed")) {
                if (System.nanoTime() > end) {
                    throw new IOException("The program does not process the orders that it accepted.");
                }
                Thread.sleep(50);
            }
        }
    }
}
