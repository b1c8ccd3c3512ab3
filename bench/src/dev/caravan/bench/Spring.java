package dev.caravan.bench;

import java.nio.file.Path;
import java.util.Map;

/**
 * Compares Caravan with a Spring Boot program, {@code bench/spring}: consuming orders with one PostgreSQL server and a database each,
 * and accepting orders over HTTP. Each consumes its own topic, so that one is idle while the other works.
 */
final class Spring {

    private Spring() {}

    static void consume(Stand stand, Plan plan, Report report) throws Exception {
        stand.topics().empty("orders", "limit");
        Path data = stand.folder("postgres");
        try (Postgres postgres = Postgres.start()) {
            Map<String, String> settings = Map.of(
                    "ROLE",
                    "worker",
                    "KAFKA_BROKERS",
                    stand.brokers(),
                    "DATABASE_URL",
                    postgres.database("caravan"),
                    "DATABASE_USER",
                    "caravan");
            try (Launched caravan = stand.caravan(data, settings).untilItSays("Caravan is ready");
                    Launched spring = stand.spring(postgres.database("spring"), true)) {
                spring.untilItSays("Started SpringPeer");
                Consumption orders = new Consumption(stand.topics(), caravan, data.getFileName() + "-orders", "orders");
                Consumption peer = new Consumption(stand.topics(), spring, "spring-peer", "limit");
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

    static void ingest(Stand stand, Plan plan, Report report) throws Exception {
        Path data = stand.folder("api");
        Map<String, String> api =
                Map.of("ROLE", "api", "KAFKA_BROKERS", stand.brokers(), "DATABASE_URL", Stand.database(data));
        try (Postgres postgres = Postgres.start();
                Launched caravan = stand.caravan(data, api).untilItSays("Caravan is ready");
                Launched spring = stand.spring(postgres.database("spring"), false)) {
            spring.untilItSays("Started SpringPeer");
            Wrk wrk = new Wrk(report);
            for (Launched program : new Launched[] {caravan, spring}) {
                // With 64 connections, a cold program answers later than wrk's timeout.
                wrk.publish(program, "order", 2, plan.seconds(), stand.topics(), "orders");
                wrk.publish(program, "order", 64, plan.warmUpSeconds(), stand.topics(), "orders");
            }
            for (int connections : new int[] {16, 64, 256}) {
                report.compare(
                        "ingest " + connections + " connections, Spring Boot",
                        1.0,
                        Ingest.orders("caravan", caravan, connections, wrk, plan, stand.topics()),
                        Ingest.orders("spring", spring, connections, wrk, plan, stand.topics()));
            }
        }
    }
}
