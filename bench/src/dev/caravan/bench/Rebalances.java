package dev.caravan.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How long messages wait when a worker joins or leaves its consumer groups: with the heartbeat that Caravan sets, with
 * Kafka's default, and with static membership. Three workers share three partitions and one PostgreSQL under a constant
 * load. The delay of a message is the time from its record's timestamp to the start of the transaction
 * that processed it.
 */
final class Rebalances {

    private static final int MESSAGES_PER_SECOND = 300;

    /** Longer than the session of a killed member (10 s). */
    private static final int OBSERVED_SECONDS = 20;

    /** A kind of group membership, and the JVM option that selects it; %s is the worker's name. */
    private enum Membership {
        SHIPPED("as shipped", ""),
        SLOW_HEARTBEAT("heartbeat 3 s", "-Dcamel.component.kafka.heartbeat-interval-ms=3000"),
        STATIC("static membership", "-Dcamel.component.kafka.group-instance-id=%s");

        private final String title;
        private final String option;

        Membership(String title, String option) {
            this.title = title;
            this.option = option;
        }
    }

    /** The longest delay among partitions that stayed with their worker, and among those that moved, in milliseconds. */
    private record Delays(long kept, long moved) {}

    private final Testbed testbed;
    private final Membership membership;
    private final String database;
    private final Map<String, ProgramProcess> workers = new HashMap<>();
    private final Map<String, List<Delays>> observed = new LinkedHashMap<>();

    private Rebalances(Testbed testbed, Membership membership, String database) {
        this.testbed = testbed;
        this.membership = membership;
        this.database = database;
    }

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        try (Postgres postgres = Postgres.start()) {
            for (Membership membership : Membership.values()) {
                report.progress("rebalance, " + membership.title);
                testbed.topics().empty("notifications");
                String database = postgres.database(membership.name().toLowerCase(Locale.ROOT));
                new Rebalances(testbed, membership, database).run(plan, report);
            }
        }
    }

    private void run(Plan plan, Report report) throws Exception {
        AtomicBoolean stopped = new AtomicBoolean();
        Thread load = new Thread(() -> send(stopped), "load");
        try {
            for (String name : List.of("worker-1", "worker-2", "worker-3")) {
                start(name);
            }
            load.start();
            Thread.sleep(plan.warmUpSeconds() * 1000L);
            for (int round = 0; round < plan.rounds(); round++) {
                observe("no change", () -> {});
                observe("a worker stops", () -> stop("worker-3", "TERM"));
                observe("a worker joins", () -> start("worker-3"));
                observe("a worker restarts", () -> {
                    stop("worker-3", "TERM");
                    start("worker-3");
                });
                observe("a worker is killed", () -> stop("worker-3", "KILL"));
                observe("a worker joins after the kill", () -> start("worker-3"));
            }
        } finally {
            stopped.set(true);
            load.join();
            for (ProgramProcess worker : workers.values()) {
                worker.close();
            }
        }
        observed.forEach((change, delays) -> report.state(
                "rebalance, " + membership.title + ": " + change,
                "longest delay of kept partitions " + median(delays, Delays::kept) + " ms, of moved ones "
                        + median(delays, Delays::moved) + " ms",
                "none"));
    }

    private static String median(List<Delays> delays, ToLongFunction<Delays> value) {
        long[] sorted = delays.stream().mapToLong(value).sorted().toArray();
        return sorted[sorted.length / 2] + " (" + sorted[0] + " to " + sorted[sorted.length - 1] + ")";
    }

    private void start(String name) throws Exception {
        Path folder = testbed.folder(name);
        Map<String, String> settings = new HashMap<>(Map.of(
                "ROLE",
                "worker",
                "INSTANCE_ID",
                name,
                "KAFKA_BROKERS",
                testbed.brokers(),
                "KAFKA_CONSUMER_GROUP_ID",
                membership.name(),
                "DATABASE_URL",
                database,
                "DATABASE_USER",
                "caravan",
                "JAVA_OPTS",
                String.format(membership.option, name)));
        workers.put(name, testbed.caravan(folder, settings).untilItSays("Caravan is ready"));
    }

    private void stop(String name, String signal) throws Exception {
        ProgramProcess worker = workers.remove(name);
        worker.signal(signal);
        worker.untilItEnds();
    }

    private interface Change {
        void run() throws Exception;
    }

    private void observe(String name, Change change) throws Exception {
        Instant from = Instant.now();
        change.run();
        Thread.sleep(OBSERVED_SECONDS * 1000L);
        observed.computeIfAbsent(name, key -> new ArrayList<>()).add(delays(from));
    }

    private Delays delays(Instant from) throws Exception {
        String perPartition =
                """
                WITH before AS (
                    SELECT DISTINCT ON (record_partition) record_partition, processed_by FROM processed_messages
                    WHERE topic = 'notifications' AND processed_at < ? ORDER BY record_partition, record_offset DESC)
                SELECT BOOL_AND(now.processed_by = before.processed_by) AS kept,
                    MAX(EXTRACT(EPOCH FROM now.processed_at - now.published_at)) * 1000 AS delay
                FROM processed_messages now JOIN before USING (record_partition)
                WHERE now.topic = 'notifications' AND now.processed_at >= ?
                GROUP BY record_partition""";
        long kept = 0;
        long moved = 0;
        try (Connection connection = DriverManager.getConnection(database, "caravan", "");
                PreparedStatement statement = connection.prepareStatement(perPartition)) {
            statement.setTimestamp(1, Timestamp.from(from));
            statement.setTimestamp(2, Timestamp.from(from));
            try (ResultSet partition = statement.executeQuery()) {
                while (partition.next()) {
                    long delay = Math.round(partition.getDouble("delay"));
                    if (partition.getBoolean("kept")) {
                        kept = Math.max(kept, delay);
                    } else {
                        moved = Math.max(moved, delay);
                    }
                }
            }
        }
        return new Delays(kept, moved);
    }

    /** Sends at a constant rate, so a pause shows as a delay and not as a lower rate. */
    private void send(AtomicBoolean stopped) {
        Map<String, Object> settings = Map.of("bootstrap.servers", testbed.brokers(), "linger.ms", 0);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; !stopped.get(); i++) {
                producer.send(Message.NOTIFICATIONS.apply(i).to("notifications"));
                Thread.sleep(1000 / MESSAGES_PER_SECOND);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
