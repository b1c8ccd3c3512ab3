package dev.caravan.bench;

import java.util.Map;

/** Measures the cost of message tracking: the program with and without receipts in memory. */
final class Tracking {

    private Tracking() {}

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        try (ProgramProcess tracking = start(testbed, "20000");
                ProgramProcess without = start(testbed, "0")) {
            tracking.untilItSays("Caravan is ready");
            without.untilItSays("Caravan is ready");
            Wrk wrk = new Wrk(report);
            report.progress("tracking: warm-up");
            for (ProgramProcess program : new ProgramProcess[] {tracking, without}) {
                wrk.publish(program, "order", 64, plan.warmUpSeconds(), testbed.topics(), "orders");
            }
            report.compare(
                    "ingest 64 connections, with message tracking",
                    0.95,
                    new Report.Side(
                            "with",
                            () -> wrk.publish(tracking, "order", 64, plan.seconds(), testbed.topics(), "orders")),
                    new Report.Side(
                            "without",
                            () -> wrk.publish(without, "order", 64, plan.seconds(), testbed.topics(), "orders")));
        }
    }

    private static ProgramProcess start(Testbed testbed, String receipts) throws Exception {
        var data = testbed.folder("tracking");
        return testbed.caravan(
                data,
                Map.of(
                        "ROLE",
                        "api",
                        "KAFKA_BROKERS",
                        testbed.brokers(),
                        "DATABASE_URL",
                        Testbed.database(data),
                        "RECEIPTS_KEPT",
                        receipts));
    }
}
