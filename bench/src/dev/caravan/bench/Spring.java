package dev.caravan.bench;

import java.nio.file.Path;
import java.util.Map;

/**
 * Compares Caravan with a Spring Boot program, {@code bench/spring}: consuming orders with one PostgreSQL server and a database each,
 * and accepting orders over HTTP. Each consumes its own topic, so that one is idle while the other works.
 */
final class Spring {

    private Spring() {}

    static void consume(Testbed testbed, Plan plan, Report report) throws Exception {
        testbed.topics().empty("orders", "limit");
        Path data = testbed.folder("postgres");
        try (Postgres postgres = Postgres.start()) {
            Map<String, String> settings = Map.of(
                    "ROLE",
                    "worker",
                    "KAFKA_BROKERS",
                    testbed.brokers(),
                    "DATABASE_URL",
                    postgres.database("caravan"),
                    "DATABASE_USER",
                    "caravan");
            try (ProgramProcess caravan = testbed.caravan(data, settings).untilItSays("Caravan is ready");
                    ProgramProcess spring = testbed.spring(postgres.database("spring"), true)) {
                spring.untilItSays("Started SpringPeer");
                Consumption orders =
                        new Consumption(testbed.topics(), caravan, data.getFileName() + "-orders", "orders");
                Consumption peer = new Consumption(testbed.topics(), spring, "spring-peer", "limit");
                report.progress("consume orders, PostgreSQL: warm-up");
                int count = orders.warmUp(plan, Message.ORDERS);
                int peerCount = peer.warmUp(plan, Message.ORDERS);
                report.compare(
                        "consume orders, PostgreSQL",
                        1.0,
                        new Report.Side("caravan", () -> orders.round(count, Message.ORDERS)),
                        new Report.Side("spring batch listener", () -> peer.round(peerCount, Message.ORDERS)));
            }
        }
    }

    static void ingest(Testbed testbed, Plan plan, Report report) throws Exception {
        Path data = testbed.folder("api");
        Map<String, String> api =
                Map.of("ROLE", "api", "KAFKA_BROKERS", testbed.brokers(), "DATABASE_URL", Testbed.database(data));
        try (Postgres postgres = Postgres.start();
                ProgramProcess caravan = testbed.caravan(data, api).untilItSays("Caravan is ready");
                ProgramProcess spring = testbed.spring(postgres.database("spring"), false)) {
            spring.untilItSays("Started SpringPeer");
            Wrk wrk = new Wrk(report);
            for (ProgramProcess program : new ProgramProcess[] {caravan, spring}) {
                // With 64 connections, a cold program answers later than wrk's timeout.
                wrk.publish(program, "order", 2, plan.seconds(), testbed.topics(), "orders");
                wrk.publish(program, "order", 64, plan.warmUpSeconds(), testbed.topics(), "orders");
            }
            for (int connections : new int[] {16, 64, 256}) {
                report.compare(
                        "ingest " + connections + " connections, Spring Boot",
                        1.0,
                        Ingest.orders("caravan", caravan, connections, wrk, plan, testbed.topics()),
                        Ingest.orders("spring", spring, connections, wrk, plan, testbed.topics()));
            }
        }
    }
}
