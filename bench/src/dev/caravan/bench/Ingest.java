package dev.caravan.bench;

import java.util.Map;

/**
 * Measures POST requests, answered 2xx after the broker's acknowledgement with acks=all. Caravan runs as {@code ROLE=api} with default
 * settings; {@link Consume} measures its consumers.
 */
final class Ingest {

    private Ingest() {}

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        var data = testbed.folder("api");
        Map<String, String> api =
                Map.of("ROLE", "api", "KAFKA_BROKERS", testbed.brokers(), "DATABASE_URL", Testbed.database(data));
        try (ProgramProcess caravan = testbed.caravan(data, api);
                ProgramProcess limit = testbed.reference(testbed.folder("limit"), "http")) {
            caravan.untilItSays("Caravan is ready");
            limit.untilItListens();
            Wrk wrk = new Wrk(report);
            Topics topics = testbed.topics();
            report.progress("ingest: warm-up");
            for (ProgramProcess program : new ProgramProcess[] {caravan, limit}) {
                wrk.publish(program, "order", 64, plan.warmUpSeconds(), topics, "orders");
            }
            for (int connections : new int[] {16, 64, 256}) {
                report.compare(
                        "ingest " + connections + " connections",
                        connections == 16 ? 0.8 : 0.65,
                        orders("caravan", caravan, connections, wrk, plan, topics),
                        orders("limit", limit, connections, wrk, plan, topics));
            }
            for (String[] other : new String[][] {
                {"/send", "send", "notifications"},
                {"/api/v1/events", "event", "events"}
            }) {
                wrk.publish(caravan, other[1], 64, plan.warmUpSeconds(), topics, other[2]);
                report.compare(
                        "ingest " + other[0] + " 64 connections",
                        0.85,
                        new Report.Side(
                                other[0], () -> wrk.publish(caravan, other[1], 64, plan.seconds(), topics, other[2])),
                        orders("/order", caravan, 64, wrk, plan, topics));
            }
        }
    }

    /** Rounds of {@code POST /order} on a warm program. */
    static Report.Side orders(String name, ProgramProcess program, int connections, Wrk wrk, Plan plan, Topics topics) {
        return new Report.Side(
                name, () -> wrk.publish(program, "order", connections, plan.seconds(), topics, "orders"));
    }
}
