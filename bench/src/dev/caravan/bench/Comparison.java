package dev.caravan.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Compares two packaged Caravans, to measure a change. Each has its own broker and database, so that one is idle while the other works.
 */
final class Comparison {

    private record Side(Testbed testbed, ProgramProcess program, String group) implements AutoCloseable {

        static Side start(Testbed testbed, Path home, String role) throws Exception {
            Path data = testbed.folder("versus");
            Map<String, String> settings =
                    Map.of("ROLE", role, "KAFKA_BROKERS", testbed.brokers(), "DATABASE_URL", Testbed.database(data));
            return new Side(
                    testbed,
                    testbed.caravan(home, data, settings).untilItSays("Caravan is ready"),
                    data.getFileName().toString());
        }

        Consumption consumption(String topic) {
            return new Consumption(testbed.topics(), program, group + "-" + topic, topic);
        }

        @Override
        public void close() throws InterruptedException {
            program.close();
        }
    }

    private Comparison() {}

    static void ingest(Testbed testbed, Plan plan, Report report) throws Exception {
        try (Testbed other = new Testbed(testbed.folder("other"));
                Side now = Side.start(testbed, Testbed.HOME, "api");
                Side before = Side.start(other, plan.against().orElseThrow(), "api")) {
            Wrk wrk = new Wrk(report);
            for (Side side : List.of(now, before)) {
                wrk.publish(
                        side.program(),
                        "order",
                        64,
                        plan.warmUpSeconds(),
                        side.testbed().topics(),
                        "orders");
            }
            for (int connections : new int[] {16, 64, 256}) {
                report.compare(
                        "versus: ingest " + connections + " connections",
                        Ingest.orders("now", now.program(), connections, wrk, plan, testbed.topics()),
                        Ingest.orders("before", before.program(), connections, wrk, plan, other.topics()));
            }
        }
    }

    static Bench.Case consume(String name, String topic, IntFunction<Message> messages) {
        return (testbed, plan, report) -> {
            try (Testbed other = new Testbed(testbed.folder("other"));
                    Side now = Side.start(testbed, Testbed.HOME, "worker");
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
