package dev.caravan.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Measures one to three processes of the role worker with three partitions and one PostgreSQL. On a machine with few processors the rate
 * reaches its limit early; the CPU time per record must not grow.
 */
final class Workers {

    private static final int MAX_WORKERS = 3;
    private static final int COUNT = 8_000;

    private Workers() {}

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        Path data = testbed.folder("workers");
        String group = data.getFileName().toString();
        testbed.topics().empty("comments", "orders", "notifications", "events");
        List<ProgramProcess> workers = new ArrayList<>();
        try (Postgres postgres = Postgres.start()) {
            Map<String, String> settings = new HashMap<>(Map.of(
                    "ROLE",
                    "worker",
                    "KAFKA_BROKERS",
                    testbed.brokers(),
                    "KAFKA_CONSUMER_GROUP_ID",
                    group,
                    "DATABASE_URL",
                    postgres.database("workers"),
                    "DATABASE_USER",
                    "caravan"));
            while (workers.size() < MAX_WORKERS) {
                workers.add(testbed.caravan(testbed.folder("worker"), settings).untilItSays("Caravan is ready"));
                state(testbed, plan, report, workers, group, "orders", Message.ORDERS);
                state(testbed, plan, report, workers, group, "notifications", Message.NOTIFICATIONS);
            }
        } finally {
            for (ProgramProcess worker : workers) {
                worker.close();
            }
        }
    }

    private static void state(
            Testbed testbed,
            Plan plan,
            Report report,
            List<ProgramProcess> workers,
            String group,
            String topic,
            IntFunction<Message> messages)
            throws Exception {
        Consumption consumption = new Consumption(testbed.topics(), workers, group + "-" + topic, topic);
        long warm = System.nanoTime() + plan.warmUpSeconds() * 1_000_000_000L;
        do {
            consumption.round(COUNT, messages);
        } while (System.nanoTime() < warm);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < plan.rounds(); i++) {
            samples.add(consumption.round(COUNT, messages));
        }
        report.state(
                "consume " + topic + ", " + workers.size() + " workers, PostgreSQL",
                Report.format(
                        "%.0f/s, %.3f ms of CPU each",
                        Report.median(samples, Sample::rate), Report.median(samples, Sample::cpuMillis)),
                "none");
    }
}
