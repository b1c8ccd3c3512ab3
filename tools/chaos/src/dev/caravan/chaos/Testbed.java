package dev.caravan.chaos;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.chaos.Observation.Effect;
import dev.caravan.chaos.Observation.Processed;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanProcess;
import dev.caravan.support.Http;
import dev.caravan.support.Postgres;
import dev.caravan.support.Records;
import dev.caravan.support.Records.Written;
import dev.caravan.support.Scrape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The program under test and the servers that it uses, as separate processes: a broker and a PostgreSQL, each behind a {@link Proxy};
 * a {@link #cluster}; or an {@link #embedded} broker and database.
 */
final class Testbed implements AutoCloseable {

    /** One consumer of each topic, and a second one of the orders. */
    static final List<TopicConsumer> CONSUMERS = Stream.concat(
                    Stream.of("comments", "orders", "notifications", "events", "trials")
                            .map(topic -> TopicConsumer.owner(topic, topic)),
                    Stream.of(TopicConsumer.other("billing", "orders")))
            .toList();

    private static final String BILLING = "billing ";

    private static final int LEVELS = 3;

    private final Path folder;
    private final Path home;
    private final int port = CaravanExtension.freePort();
    private final int brokerPort = CaravanExtension.freePort();
    private final Map<String, String> environment = new HashMap<>();
    private final List<CaravanProcess> started = new ArrayList<>();
    private CaravanProcess program;
    private BrokerProcess broker;
    private Proxy toBroker;
    private Postgres postgres;
    private int postgresPort;
    private Proxy toDatabase;
    private Admin admin;
    private Cluster cluster;

    private Testbed(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.home = home(folder.resolve("home"));
        environment.put("HTTP_PORT", Integer.toString(port));
        environment.put("JAVA_OPTS", javaOptions());
        environment.put("ROUTES_DIR", home.resolve("routes").toString());
        environment.put("SCHEMAS_DIR", home.resolve("schemas").toString());
        environment.put("EVENTS_TOPICS", "trials");
        // Short, so that all failed messages are processed or dead letters before the next trial.
        environment.put("RETRY_BACKOFF", "1ms");
        environment.put("RETRY_DELAYS", "200ms,400ms,800ms");
    }

    /** Broker and database as separate processes. */
    static Testbed separate(Path folder) throws Exception {
        return separate(folder, Map.of());
    }

    /** @param properties additional properties of all programs */
    static Testbed separate(Path folder, Map<String, String> properties) throws Exception {
        Testbed testbed = new Testbed(folder);
        for (Map.Entry<String, String> property : properties.entrySet()) {
            testbed.withProperty(property.getKey(), property.getValue());
        }
        testbed.toBroker = Proxy.start(CaravanExtension.freePort(), testbed.brokerPort);
        testbed.broker = new BrokerProcess(folder.resolve("kafka"), testbed.brokerPort, testbed.toBroker.port());
        testbed.broker.start();
        testbed.postgresPort = CaravanExtension.freePort();
        testbed.startDatabase();
        testbed.toDatabase = Proxy.start(CaravanExtension.freePort(), testbed.postgresPort);
        testbed.environment.put("KAFKA_BROKERS", "127.0.0.1:" + testbed.toBroker.port());
        testbed.environment.put(
                "DATABASE_URL", "jdbc:postgresql://127.0.0.1:" + testbed.toDatabase.port() + "/postgres");
        testbed.environment.put("DATABASE_USER", "postgres");
        testbed.startProgram();
        testbed.watchOrders();
        return testbed;
    }

    private void watchOrders() {
        // The program is ready before it has created the tables if that takes more than 5 s.
        await().ignoreExceptions().until(() -> database()
                .queryForList("SELECT 1 FROM orders WHERE false")
                .isEmpty());
        database()
                .execute(
                        """
                        CREATE TABLE order_effects (position BIGSERIAL, message_id VARCHAR, id VARCHAR, payload VARCHAR);
                        CREATE FUNCTION order_effect() RETURNS trigger AS $$ BEGIN
                          INSERT INTO order_effects (message_id, id, payload) VALUES (NEW.message_id, NEW.id, NEW.payload);
                          RETURN NEW;
                        END $$ LANGUAGE plpgsql;
                        CREATE TRIGGER order_effect AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION order_effect();
                        """);
    }

    /** Several brokers, databases and programs. */
    static Testbed cluster(Path folder) throws Exception {
        Testbed testbed = new Testbed(folder);
        testbed.cluster = new Cluster(testbed, folder);
        testbed.environment.put("JAVA_OPTS", testbed.javaOptions() + " -Xmx256m -XX:+UseSerialGC");
        testbed.environment.put("KAFKA_BROKERS", testbed.cluster.bootstrap());
        testbed.environment.put("DATABASE_URL", testbed.cluster.databaseUrl());
        testbed.environment.put("DATABASE_USER", "postgres");
        // Limits the connections of all programs together.
        testbed.environment.put("DATABASE_POOL", "5");
        testbed.postgres = testbed.cluster.primary();
        testbed.cluster.startPrograms(folder, testbed.port);
        testbed.watchOrders();
        return testbed;
    }

    /** The program with its embedded broker and database. */
    static Testbed embedded(Path folder) throws Exception {
        Testbed testbed = new Testbed(folder);
        testbed.environment.put("KAFKA_EMBEDDED_PORT", Integer.toString(testbed.brokerPort));
        testbed.startProgram();
        return testbed;
    }

    /** Sets a property, which applies from the program's next start. */
    Testbed withProperty(String property, String value) throws IOException {
        Files.writeString(
                home.resolve("application.properties"), property + "=" + value + "\n", StandardOpenOption.APPEND);
        return this;
    }

    /** The shipped configuration, with the routes of the trials and of a second consumer of the orders. */
    private static Path home(Path home) throws IOException {
        for (String shared : List.of("routes", "schemas")) {
            Path target = Files.createDirectories(home.resolve(shared));
            try (Stream<Path> files = Files.list(CaravanProcess.HOME.resolve(shared))) {
                for (Path file : files.toList()) {
                    Files.copy(file, target.resolve(file.getFileName()));
                }
            }
        }
        Path resources = Path.of("src/test/resources/chaos");
        for (String file : List.of("trials.camel.yaml", "billing.camel.yaml")) {
            Files.copy(resources.resolve(file), home.resolve("routes").resolve(file));
        }
        Files.copy(resources.resolve("trials.schema.json"), home.resolve("schemas/trials.schema.json"));
        Files.writeString(
                home.resolve("application.properties"),
                Files.readString(CaravanProcess.HOME.resolve("application.properties")) + "\ntrials.topic=trials\n");
        return home;
    }

    // --- the program ---

    /** Returns when it is ready. */
    void startProgram() throws IOException {
        program = launch(Map.of()).untilReady();
    }

    /** Options of the program's JVM. */
    String javaOptions() {
        return "-Dcaravan.home=" + home + " " + CaravanProcess.QUICK_START;
    }

    CaravanProcess launch(Map<String, String> more) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(more);
        CaravanProcess launched = CaravanProcess.start(folder, all);
        started.add(launched);
        return launched;
    }

    /** Starts another consumer of every topic. */
    CaravanProcess startWorker() throws IOException {
        return launch(Map.of("ROLE", "worker", "HTTP_PORT", Integer.toString(CaravanExtension.freePort())))
                .untilReady();
    }

    CaravanProcess program() {
        return program;
    }

    Http http() {
        return new Http("http://127.0.0.1:" + port);
    }

    /** The number of records that consumers logged since the last call. */
    long newDeliveries() {
        return started.stream()
                .mapToLong(each -> each.newLines("Received message Count: "))
                .sum();
    }

    /** The number of records in all consumed topics, counted once per consumer. */
    long records() throws ExecutionException, InterruptedException {
        long records = 0;
        for (int level = 0; level <= LEVELS; level++) {
            for (TopicConsumer consumer : CONSUMERS) {
                records += ends(name(consumer, level)).values().stream()
                        .mapToLong(end -> end)
                        .sum();
            }
        }
        return records;
    }

    Path routes() {
        return home.resolve("routes");
    }

    // --- servers ---

    BrokerProcess broker() {
        return broker;
    }

    Proxy toBroker() {
        return toBroker;
    }

    Proxy toDatabase() {
        return toDatabase;
    }

    void stopDatabase() throws IOException {
        postgres.close();
    }

    void startDatabase() throws IOException {
        postgres = Postgres.start(folder.resolve("postgres"), postgresPort);
    }

    Cluster cluster() {
        return cluster;
    }

    String brokers() {
        if (cluster != null) {
            return cluster.bootstrap();
        }
        return "127.0.0.1:" + (toBroker == null ? brokerPort : toBroker.port());
    }

    // --- results ---

    /** Topic and consumer → records that the consumer's group has not committed. */
    Map<String, Long> lag() throws ExecutionException, InterruptedException {
        Map<String, Long> lag = new TreeMap<>();
        // Retry topics later, so that a record that moves in the meantime is seen there.
        for (int level = 0; level <= LEVELS; level++) {
            for (TopicConsumer consumer : CONSUMERS) {
                String topic = name(consumer, level);
                lag.put(topic + " by " + consumer.name(), lag(group(consumer, level), topic));
            }
        }
        return lag;
    }

    boolean isDrained() {
        try {
            return lag().values().stream().allMatch(each -> each == 0)
                    && lag().values().stream().allMatch(each -> each == 0);
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private long lag(String group, String topic) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = admin().listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
        long lag = 0;
        for (var end : ends(topic).entrySet()) {
            OffsetAndMetadata at = committed.get(end.getKey());
            lag += end.getValue() - (at == null ? 0 : at.offset());
        }
        return lag;
    }

    private Map<TopicPartition, Long> ends(String topic) throws ExecutionException, InterruptedException {
        int partitions = admin().describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .size();
        Map<TopicPartition, Long> ends = new HashMap<>();
        for (var end : admin().listOffsets(IntStream.range(0, partitions)
                        .boxed()
                        .collect(Collectors.toMap(
                                partition -> new TopicPartition(topic, partition), partition -> OffsetSpec.latest())))
                .all()
                .get()
                .entrySet()) {
            ends.put(end.getKey(), end.getValue().offset());
        }
        return ends;
    }

    /** Resets all groups to offset 0. None of their members may be running. */
    void rewind() {
        for (int level = 0; level <= LEVELS; level++) {
            for (TopicConsumer consumer : CONSUMERS) {
                String group = group(consumer, level);
                String name = name(consumer, level);
                await().ignoreExceptions().until(() -> {
                    Map<TopicPartition, OffsetAndMetadata> start = ends(name).keySet().stream()
                            .collect(Collectors.toMap(partition -> partition, partition -> new OffsetAndMetadata(0)));
                    admin().alterConsumerGroupOffsets(group, start).all().get();
                    return true;
                });
            }
        }
    }

    private static String name(TopicConsumer consumer, int level) {
        return level == 0 ? consumer.topic() : consumer.retry(level);
    }

    private static String group(TopicConsumer consumer, int level) {
        return "caravan-" + (level == 0 ? consumer.name() : "retry-" + level);
    }

    private Admin admin() {
        if (admin == null) {
            admin = Admin.create(Map.of(
                    "bootstrap.servers", brokers(), "default.api.timeout.ms", 60_000, "request.timeout.ms", 10_000));
        }
        return admin;
    }

    /** The counters of running programs that do not add up. */
    List<String> brokenSums() {
        return started.stream()
                .filter(CaravanProcess::isRunning)
                .flatMap(each -> CounterInvariants.broken(Scrape.of(each.management())).stream())
                .toList();
    }

    /** Reads all topics and tables. Stops the program if the database is embedded, because both cannot open it. */
    Observation observe() throws Exception {
        List<Written> records = new ArrayList<>();
        Records kafka = new Records(brokers());
        Set<String> topics = new LinkedHashSet<>();
        for (TopicConsumer consumer : CONSUMERS) {
            IntStream.rangeClosed(0, LEVELS).forEach(level -> topics.add(name(consumer, level)));
            topics.add(consumer.dlq());
        }
        topics.forEach(topic -> records.addAll(kafka.of(topic, record -> true)));
        Map<String, Long> lag = lag();
        if (postgres == null) {
            program.terminate();
        }
        JdbcTemplate database = database();
        Set<Processed> processed = new HashSet<>(database.query(
                "SELECT consumer, topic, message_id FROM processed_messages",
                (row, i) -> new Processed(row.getString(1), row.getString(2), row.getString(3))));
        Map<String, Long> inboxes = new LinkedHashMap<>();
        database.query("SELECT user_id, total FROM inboxes", row -> {
            inboxes.put(row.getString(1), row.getLong(2));
        });
        Map<String, String> orders = new LinkedHashMap<>();
        database.query("SELECT id, payload FROM orders", row -> {
            orders.put(row.getString(1), row.getString(2));
        });
        return new Observation(records, effects(database, processed), processed, inboxes, orders, lag);
    }

    private List<Effect> effects(JdbcTemplate database, Collection<Processed> processed) {
        List<Effect> effects = new ArrayList<>();
        effects.addAll(database.query("SELECT message_id, body FROM comments ORDER BY id", (row, i) -> {
            String messageId = row.getString(1);
            String body = row.getString(2);
            if (body.startsWith(BILLING)) {
                String order = body.substring(BILLING.length());
                return new Effect("billing", "orders", messageId, orderId(order), order);
            }
            String topic = body.startsWith("trial ") ? "trials" : "comments";
            return new Effect(topic, topic, messageId, null, body);
        }));
        effects.addAll(database.query(
                "SELECT message_id, user_id, message FROM notifications ORDER BY user_id, seq",
                (row, i) -> new Effect(
                        "notifications", "notifications", row.getString(1), row.getString(2), row.getString(3))));
        if (postgres != null) {
            effects.addAll(database.query(
                    "SELECT message_id, id, payload FROM order_effects ORDER BY position",
                    (row, i) -> new Effect("orders", "orders", row.getString(1), row.getString(2), row.getString(3))));
        }
        // These effects leave nothing but their MessageID.
        processed.stream()
                .filter(each -> each.consumer().equals("events")
                        || postgres == null && each.consumer().equals("orders"))
                .forEach(each -> effects.add(new Effect(each.consumer(), each.topic(), each.messageId(), null, null)));
        return effects;
    }

    private static String orderId(String order) {
        try {
            return new ObjectMapper().readTree(order).path("id").asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JdbcTemplate database() {
        DriverManagerDataSource source = new DriverManagerDataSource();
        if (postgres == null) {
            source.setUrl("jdbc:h2:file:" + folder.resolve("data/caravan")
                    + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;IFEXISTS=TRUE");
            source.setUsername("caravan");
            source.setPassword("");
        } else {
            Postgres server = cluster == null ? postgres : cluster.primary();
            source.setUrl(server.url());
            source.setUsername(postgres.user());
        }
        return new JdbcTemplate(source);
    }

    @Override
    public void close() throws Exception {
        for (CaravanProcess each : started) {
            each.close();
        }
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
        if (cluster != null) {
            cluster.close();
        }
        if (broker != null) {
            broker.kill();
            toBroker.close();
            postgres.close();
            toDatabase.close();
        }
    }
}
