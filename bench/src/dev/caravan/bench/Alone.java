package dev.caravan.bench;

import java.util.List;

/** Camel alone ({@link Bare}) against the limit: the rest of the gap is Caravan's. */
final class Alone {

    private Alone() {}

    static void run(Stand stand, Plan plan, Report report) throws Exception {
        ingest(stand, plan, report);
        consume(stand, plan, report);
    }

    private static void ingest(Stand stand, Plan plan, Report report) throws Exception {
        try (Launched camel = stand.bare(stand.folder("camel"), "http");
                Launched limit = stand.reference(stand.folder("limit"), "http")) {
            camel.untilItSays("Camel is ready");
            limit.untilItListens();
            Wrk wrk = new Wrk(report);
            report.progress("camel alone, ingest: warm-up");
            for (Launched program : List.of(camel, limit)) {
                wrk.publish(program, "order", 64, plan.warmUpSeconds(), stand.topics(), "orders");
            }
            report.compare(
                    "camel alone, ingest 64 connections",
                    Ingest.orders("camel", camel, 64, wrk, plan, stand.topics()),
                    Ingest.orders("limit", limit, 64, wrk, plan, stand.topics()));
        }
    }

    private static void consume(Stand stand, Plan plan, Report report) throws Exception {
        stand.topics().empty("camel", "limit");
        try (Launched bare = stand.bare(stand.folder("camel"), "consume", "camel");
                Launched reference = stand.reference(stand.folder("limit"), "consume", "no effect", "limit")) {
            bare.untilItSays("Camel is ready");
            Consumption camel = new Consumption(stand.topics(), bare, "camel", "camel");
            Consumption limit = new Consumption(stand.topics(), reference, "limit-no effect", "limit");
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
