package dev.caravan.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Compares two packaged Caravans, to measure a change. Each has its own broker and database, so that one is idle while the other works.
 */
final class Versus {

    private record Side(Stand stand, Launched program, String group) implements AutoCloseable {

        static Side start(Stand stand, Path home, String role) throws Exception {
            Path data = stand.folder("versus");
            Map<String, String> settings =
                    Map.of("ROLE", role, "KAFKA_BROKERS", stand.brokers(), "DATABASE_URL", Stand.database(data));
            return new Side(
                    stand,
                    stand.caravan(home, data, settings).untilItSays("Caravan is ready"),
                    data.getFileName().toString());
        }

        Consumption consumption(String topic) {
            return new Consumption(stand.topics(), program, group + "-" + topic, topic);
        }

        @Override
        public void close() throws InterruptedException {
            program.close();
        }
    }

    private Versus() {}

    static void ingest(Stand stand, Plan plan, Report report) throws Exception {
        try (Stand other = new Stand(stand.folder("other"));
                Side now = Side.start(stand, Stand.HOME, "api");
                Side before = Side.start(other, plan.against().orElseThrow(), "api")) {
            Wrk wrk = new Wrk(report);
            for (Side side : List.of(now, before)) {
                wrk.publish(
                        side.program(),
                        "order",
                        64,
                        plan.warmUpSeconds(),
                        side.stand().topics(),
                        "orders");
            }
            for (int connections : new int[] {16, 64, 256}) {
                report.compare(
                        "versus: ingest " + connections + " connections",
                        Ingest.orders("now", now.program(), connections, wrk, plan, stand.topics()),
                        Ingest.orders("before", before.program(), connections, wrk, plan, other.topics()));
            }
        }
    }

    static Bench.Case consume(String name, String topic, IntFunction<Message> messages) {
        return (stand, plan, report) -> {
            try (Stand other = new Stand(stand.folder("other"));
                    Side now = Side.start(stand, Stand.HOME, "worker");
                    Side before = Side.start(other, plan.against().orElseThrow(), "worker")) {
                report.progress("versus: " + name + ": warm-up");
                int count = now.consumption(topic).warmUp(plan, messages);
                before.consumption(topic).warmUp(plan, messages);
                report.compare(
                        "versus: consume " + name,
                        new Report.Side("now", () -> now.consumption(topic).round(count, messages)),
                        new Report.Side(
                                "before", () -> before.consumption(topic).round(count, messages)));
            }
        };
    }
}
