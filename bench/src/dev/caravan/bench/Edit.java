package dev.caravan.bench;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The time from saving a route file until an answer shows the edit, without load. */
final class Edit {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String FILE = "orders.camel.yaml";
    private static final String MESSAGE = "Order received successfully";

    private Edit() {}

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        Path folder = testbed.folder("edit");
        Path routes = Files.createDirectory(folder.resolve("routes"));
        try (Stream<Path> shipped = Files.list(Testbed.HOME.resolve("routes"))) {
            for (Path file : shipped.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Path file = routes.resolve(FILE);
        String text = Files.readString(file);
        Map<String, String> settings =
                Map.of("KAFKA_EMBEDDED_PORT", "" + Testbed.freePort(), "ROUTES_DIR", routes.toString());
        List<Double> seconds = new ArrayList<>();
        try (ProgramProcess caravan = testbed.caravan(folder, settings)) {
            caravan.untilItSays("Caravan is ready");
            HttpClient http = HttpClient.newHttpClient();
            HttpRequest order = StartUp.order(caravan).build();
            for (int edit = 1; edit <= 2 * plan.rounds(); edit++) {
                report.progress("edit " + edit);
                String edited = "Edit " + edit;
                long saved = System.nanoTime();
                Files.writeString(file, text.replace(MESSAGE, edited));
                Polling.until(TIMEOUT, edited, () -> http.send(order, BodyHandlers.ofString())
                        .body()
                        .contains(edited));
                seconds.add((System.nanoTime() - saved) / 1e9);
            }
        }
        report.state(
                "edit of a route until it is live",
                Report.format(
                        "median %.1f s, longest %.1f s", Report.quantile(seconds, 0.5), Report.quantile(seconds, 1)),
                "2 s");
    }
}
