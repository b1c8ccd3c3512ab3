package dev.caravan.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures reading and adding to inboxes of different sizes. User 1 has 100,000 notifications, user 2 has 50. Caravan and the limit
 * have a copy of the database each.
 */
final class Inboxes {

    private static final int LARGE = 100_000;
    private static final int SMALL = 50;

    private Inboxes() {}

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        report.progress("inbox: filling");
        testbed.topics().empty("comments", "orders", "notifications", "events");
        Path limitData = testbed.folder("limit");
        fill(Testbed.database(limitData));
        Path data = testbed.folder("inbox");
        Files.copy(limitData.resolve("caravan.mv.db"), data.resolve("caravan.mv.db"));
        try (ProgramProcess caravan = testbed.caravan(data, Map.of("KAFKA_BROKERS", testbed.brokers()));
                ProgramProcess limit = testbed.reference(limitData, "http")) {
            caravan.untilItSays("Caravan is ready");
            limit.untilItListens();
            String group = data.getFileName() + "-notifications";
            read(plan, report, caravan, limit);
            add(plan, report, new Consumption(testbed.topics(), caravan, group, "notifications"));
        }
    }

    private static void read(Plan plan, Report report, ProgramProcess caravan, ProgramProcess limit) throws Exception {
        Wrk wrk = new Wrk(report);
        String whole = "/notifications/2";
        report.check(get(caravan.url(whole)).equals(get(limit.url(whole))), whole + ": the limit answers differently");
        // In the middle, where a page by offset would be slow.
        String large = "/notifications/1?limit=50&after=" + LARGE / 2;
        String small = "/notifications/2?limit=50";
        report.progress("inbox: warm-up");
        for (String each : new String[] {whole, large, small}) {
            wrk.measure(caravan, each, 16, plan.warmUpSeconds());
        }
        wrk.measure(limit, whole, 16, plan.warmUpSeconds());
        report.compare(
                "inbox, GET /notifications/{id} of 50, 16 connections",
                0.6,
                new Report.Side("caravan", () -> wrk.measure(caravan, whole, 16, plan.seconds())),
                new Report.Side("limit", () -> wrk.measure(limit, whole, 16, plan.seconds())));
        report.compare(
                "inbox, a page of 50, 16 connections",
                0.9,
                new Report.Side("of 100,000", () -> wrk.measure(caravan, large, 16, plan.seconds())),
                new Report.Side("of 50", () -> wrk.measure(caravan, small, 16, plan.seconds())));
    }

    private static void add(Plan plan, Report report, Consumption consumption) throws Exception {
        int rate = consumption.warmUp(plan, Message.notificationsTo(3)) / plan.seconds();
        // Few enough that the empty inbox stays small.
        int count = Math.min(LARGE / 10, rate * plan.seconds());
        AtomicLong nextUser = new AtomicLong(1000);
        report.compare(
                "inbox, adding " + count,
                0.9,
                new Report.Side("to 100,000", () -> consumption.round(count, Message.notificationsTo(1))),
                new Report.Side(
                        "to none",
                        () -> consumption.round(count, Message.notificationsTo(nextUser.getAndIncrement()))));
    }

    private static void fill(String database) throws Exception {
        try (HikariDataSource pool = Testbed.pool(database);
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            int[][] inboxes = {{1, LARGE}, {2, SMALL}};
            for (int[] inbox : inboxes) {
                statement.execute(Report.format(
                        "INSERT INTO notifications (user_id, from_id, from_name, to_name, message, message_id, seq)"
                                + " SELECT %d, 4, 'Negro', 'Micho', REPEAT('0123456789', 17), 'fill-' || number, number"
                                + " FROM SYSTEM_RANGE(1, %d) AS filled(number)",
                        inbox[0], inbox[1]));
                statement.execute(Report.format(
                        "INSERT INTO inboxes (user_id, total, unread, seq) VALUES (%d, %d, %d, %d)",
                        inbox[0], inbox[1], inbox[1], inbox[1]));
            }
        }
    }

    private static String get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
