package dev.caravan.bench;

import java.util.List;

/** Camel alone ({@link CamelProgram}) against the limit: the rest of the gap is Caravan's. */
final class CamelOverhead {

    private CamelOverhead() {}

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        ingest(testbed, plan, report);
        consume(testbed, plan, report);
    }

    private static void ingest(Testbed testbed, Plan plan, Report report) throws Exception {
        try (ProgramProcess camel = testbed.bare(testbed.folder("camel"), "http");
                ProgramProcess limit = testbed.reference(testbed.folder("limit"), "http")) {
            camel.untilItSays("Camel is ready");
            limit.untilItListens();
            Wrk wrk = new Wrk(report);
            report.progress("camel alone, ingest: warm-up");
            for (ProgramProcess program : List.of(camel, limit)) {
                wrk.publish(program, "order", 64, plan.warmUpSeconds(), testbed.topics(), "orders");
            }
            report.compare(
                    "camel alone, ingest 64 connections",
                    Ingest.orders("camel", camel, 64, wrk, plan, testbed.topics()),
                    Ingest.orders("limit", limit, 64, wrk, plan, testbed.topics()));
        }
    }

    private static void consume(Testbed testbed, Plan plan, Report report) throws Exception {
        testbed.topics().empty("camel", "limit");
        try (ProgramProcess bare = testbed.bare(testbed.folder("camel"), "consume", "camel");
                ProgramProcess reference =
                        testbed.reference(testbed.folder("limit"), "consume", "no effect", "limit")) {
            bare.untilItSays("Camel is ready");
            Consumption camel = new Consumption(testbed.topics(), bare, "camel", "camel");
            Consumption limit = new Consumption(testbed.topics(), reference, "limit-no effect", "limit");
            report.progress("camel alone, consume: warm-up");
            int count = camel.warmUp(plan, Message.EVENTS);
            int limitCount = limit.warmUp(plan, Message.EVENTS);
            report.compare(
                    "camel alone, consume no effect",
                    new Report.Side("camel", () -> camel.round(count, Message.EVENTS)),
                    new Report.Side("limit", () -> limit.round(limitCount, Message.EVENTS)));
        }
    }
}
