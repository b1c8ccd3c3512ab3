package dev.caravan.bench;

import java.util.Map;

/** Measures the cost of message tracking: the program with and without receipts in memory. */
final class Tracking {

    private Tracking() {}

    static void run(Stand stand, Plan plan, Report report) throws Exception {
        try (Launched tracking = start(stand, "20000");
                Launched without = start(stand, "0")) {
            tracking.untilItSays("Caravan is ready");
            without.untilItSays("Caravan is ready");
            Wrk wrk = new Wrk(report);
            report.progress("tracking: warm-up");
            for (Launched program : new Launched[] {tracking, without}) {
                wrk.publish(program, "order", 64, plan.warmUpSeconds(), stand.topics(), "orders");
            }
            report.compare(
                    "ingest 64 connections, with message tracking",
                    0.95,
                    new Report.Side(
                            "with", () -> wrk.publish(tracking, "order", 64, plan.seconds(), stand.topics(), "orders")),
                    new Report.Side(
                            "without",
                            () -> wrk.publish(without, "order", 64, plan.seconds(), stand.topics(), "orders")));
        }
    }

    private static Launched start(Stand stand, String receipts) throws Exception {
        var data = stand.folder("tracking");
        return stand.caravan(
                data,
                Map.of(
                        "ROLE",
                        "api",
                        "KAFKA_BROKERS",
                        stand.brokers(),
                        "DATABASE_URL",
                        Stand.database(data),
                        "RECEIPTS_KEPT",
                        receipts));
    }
}
