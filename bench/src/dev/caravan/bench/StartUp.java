package dev.caravan.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The time from the start of the process to the first 2xx, polled every ten milliseconds, and the resident memory at rest. With the
 * embedded broker the data folder is empty; with an external broker the topics exist. Single roles use a database server, so their memory
 * includes no database.
 */
final class StartUp {

    private static final String ORDER =
            "{\"id\":\"first\",\"user_id\":\"user-1\",\"total\":1,\"status\":\"pending\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    private StartUp() {}

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        testbed.topics().empty("comments", "orders", "notifications", "events");
        Path data = testbed.folder("database");
        int port = Testbed.freePort();
        try (ProgramProcess database = testbed.databaseServer(data, port)) {
            String url = Testbed.databaseOfServer(port);
            measure(testbed, plan, report, "embedded broker", "6 s, 450 MiB", Map.of());
            Map<String, String> external = Map.of("KAFKA_BROKERS", testbed.brokers());
            measure(testbed, plan, report, "external broker", "3 s", external);
            for (String role : plan.quick() ? List.<String>of() : List.of("api", "worker")) {
                Map<String, String> settings =
                        Map.of("KAFKA_BROKERS", testbed.brokers(), "ROLE", role, "DATABASE_URL", url);
                measure(testbed, plan, report, "ROLE=" + role, "3 s, 250 MiB", settings);
            }
        }
    }

    private static void measure(
            Testbed testbed, Plan plan, Report report, String name, String bar, Map<String, String> settings)
            throws Exception {
        List<Double> seconds = new ArrayList<>();
        List<Double> memory = new ArrayList<>();
        for (int round = 0; round < (plan.quick() ? 1 : plan.rounds()); round++) {
            report.progress("start, " + name);
            Map<String, String> all = new HashMap<>(settings);
            all.putIfAbsent("KAFKA_EMBEDDED_PORT", "" + Testbed.freePort());
            long began = System.nanoTime();
            try (ProgramProcess caravan = testbed.caravan(testbed.folder("start"), all)) {
                HttpClient http = HttpClient.newHttpClient();
                HttpRequest.Builder request = "worker".equals(settings.get("ROLE"))
                        ? HttpRequest.newBuilder(URI.create(caravan.url("/notifications/1")))
                        : order(caravan);
                HttpRequest first = request.timeout(Duration.ofSeconds(5)).build();
                caravan.until(() -> is2xx(http, first));
                seconds.add((System.nanoTime() - began) / 1e9);
                Thread.sleep(plan.quick() ? 3_000 : 15_000);
                memory.add(caravan.residentMiB());
            }
        }
        report.state(
                "start, " + name,
                Report.format(
                        "first 2xx after %.1f s, %.0f MiB at rest",
                        Report.quantile(seconds, 0.5), Report.quantile(memory, 0.5)),
                bar);
    }

    static HttpRequest.Builder order(ProgramProcess caravan) {
        return HttpRequest.newBuilder(URI.create(caravan.url("/order")))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(ORDER));
    }

    private static boolean is2xx(HttpClient http, HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() / 100 == 2;
        } catch (IOException e) {
            return false;
        }
    }
}
