package dev.caravan.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether processes share the work: one to three of the role worker on three partitions and one PostgreSQL. On a machine with few processors
 * the throughput ends there; what a record costs all of them together must not grow.
 */
final class Workers {

    private static final int MOST = 3;
    private static final int COUNT = 8_000;

    private Workers() {}

    static void run(Stand stand, Plan plan, Report report) throws Exception {
        Path data = stand.folder("workers");
        String group = data.getFileName().toString();
        stand.topics().empty("comments", "orders", "notifications", "events");
        List<Launched> workers = new ArrayList<>();
        try (Postgres postgres = Postgres.start()) {
            Map<String, String> settings = new HashMap<>(Map.of(
                    "ROLE",
                    "worker",
                    "KAFKA_BROKERS",
                    stand.brokers(),
                    "KAFKA_CONSUMER_GROUP_ID",
                    group,
                    "DATABASE_URL",
                    postgres.database("workers"),
                    "DATABASE_USER",
                    "caravan"));
            while (workers.size() < MOST) {
                workers.add(stand.caravan(stand.folder("worker"), settings).untilItSays("Caravan is ready"));
                state(stand, plan, report, workers, group, "orders", Message.ORDERS);
                state(stand, plan, report, workers, group, "notifications", Message.NOTIFICATIONS);
            }
        } finally {
            for (Launched worker : workers) {
                worker.close();
            }
        }
    }

    private static void state(
            Stand stand,
            Plan plan,
            Report report,
            List<Launched> workers,
            String group,
            String topic,
            IntFunction<Message> messages)
            throws Exception {
        long warm = System.nanoTime() + plan.warmUpSeconds() * 1_000_000_000L;
        do {
            round(stand.topics(), workers, group + "-" + topic, topic, messages);
        } while (System.nanoTime() < warm);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < plan.rounds(); i++) {
            samples.add(round(stand.topics(), workers, group + "-" + topic, topic, messages));
        }
        samples.sort(Comparator.comparingDouble(Sample::cpuMillis));
        double cpu = samples.get(samples.size() / 2).cpuMillis();
        samples.sort(Comparator.comparingDouble(Sample::rate));
        double rate = samples.get(samples.size() / 2).rate();
        report.state(
                "consume " + topic + ", " + workers.size() + " workers, PostgreSQL",
                String.format(Locale.ROOT, "%.0f/s, %.3f ms of CPU each", rate, cpu),
                "none");
    }

    private static Sample round(
            Topics topics, List<Launched> workers, String group, String topic, IntFunction<Message> messages)
            throws Exception {
        for (Launched worker : workers) {
            worker.signal("STOP");
        }
        Map<TopicPartition, Long> ends;
        double[] cpu = new double[workers.size()];
        long began;
        try {
            ends = topics.write(topic, COUNT, messages);
            for (int i = 0; i < cpu.length; i++) {
                cpu[i] = workers.get(i).cpuMillis();
            }
        } finally {
            began = System.nanoTime();
            for (Launched worker : workers) {
                worker.signal("CONT");
            }
        }
        topics.untilRead(group, ends);
        double seconds = (System.nanoTime() - began) / 1e9;
        double spent = 0;
        for (int i = 0; i < cpu.length; i++) {
            spent += workers.get(i).cpuMillis() - cpu[i];
        }
        return new Sample(COUNT / seconds, spent / COUNT);
    }
}
