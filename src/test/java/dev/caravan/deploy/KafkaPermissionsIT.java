package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.chaos.ClusterBroker;
import dev.caravan.chaos.ClusterBroker.Ports;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.LogCapture;
import dev.caravan.support.Postgres;
import dev.caravan.support.Scrape;
import dev.caravan.support.SelfSignedCertificate;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code api} and {@code worker} on three brokers, as the component kafka-strimzi runs them: its topics exist, and each
 * role logs in with SCRAM over TLS as its {@code KafkaUser} and has that user's permissions only.
 */
class KafkaPermissionsIT {

    private static final Manifests MANIFESTS = Manifests.of("production");
    private static final List<String> USERS = List.of("caravan-api", "caravan-worker", "caravan-scaler");
    private static final String SCRAM =
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"secret-%s\";";
    private static final String PLAIN =
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
                    + " password=\"secret-admin\" user_admin=\"secret-admin\";";

    @TempDir
    static Path folder;

    private static final LogCapture LOGGED = new LogCapture();
    private static SelfSignedCertificate keys;
    private static final List<ClusterBroker> BROKERS = new ArrayList<>();
    private static Postgres postgres;
    private static Admin admin;
    private static Program api;
    private static Program worker;

    @BeforeAll
    static void start() throws Exception {
        keys = new SelfSignedCertificate(folder);
        List<Ports> ports = List.of(Ports.free(), Ports.free(), Ports.free());
        for (int node = 1; node <= ports.size(); node++) {
            ClusterBroker broker = new ClusterBroker(folder.resolve("kafka-" + node), node, ports, settings());
            BROKERS.add(broker);
            broker.start();
        }
        Map<String, Object> client = client("admin");
        client.put("sasl.mechanism", "PLAIN");
        client.put("sasl.jaas.config", PLAIN);
        admin = Admin.create(client);
        await().ignoreExceptions()
                .until(() -> admin.describeCluster().nodes().get().size() == BROKERS.size());
        for (String user : USERS) {
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            user, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), "secret-" + user)))
                    .all()
                    .get();
            admin.createAcls(KafkaAcl.of(MANIFESTS, user).stream()
                            .flatMap(acl -> acl.bindings(user))
                            .toList())
                    .all()
                    .get();
        }
        List<NewTopic> topics = new ArrayList<>();
        MANIFESTS.kind("KafkaTopic").forEach(topic -> topics.add(topic(topic)));
        topics.add(new NewTopic("foreign", 1, (short) 1));
        admin.createTopics(topics).all().get();
        postgres = Postgres.start(folder.resolve("postgres"));
        api = program("api");
        worker = program("worker");
    }

    private static Map<String, String> settings() {
        String clients = "listener.name.clients.";
        return Map.ofEntries(
                Map.entry("listener.security.protocol.map", "CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT,WATCHED:PLAINTEXT"),
                Map.entry("inter.broker.listener.name", "WATCHED"),
                Map.entry("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512"),
                Map.entry(clients + "plain.sasl.jaas.config", PLAIN),
                Map.entry(
                        clients + "scram-sha-512.sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
                Map.entry(clients + "ssl.keystore.location", keys.store().toString()),
                Map.entry(clients + "ssl.keystore.type", "PKCS12"),
                Map.entry(clients + "ssl.keystore.password", SelfSignedCertificate.PASSWORD),
                Map.entry(clients + "ssl.key.password", SelfSignedCertificate.PASSWORD),
                Map.entry("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                Map.entry("allow.everyone.if.no.acl.found", "false"),
                Map.entry("auto.create.topics.enable", "true"),
                Map.entry("super.users", "User:ANONYMOUS;User:admin"));
    }

    /** With one partition, because fewer are created faster. */
    private static NewTopic topic(Map<String, Object> manifest) {
        Map<String, String> configuration = new HashMap<>();
        Manifests.map(manifest, "spec", "config").forEach((name, value) -> configuration.put(name, value.toString()));
        short replicas = ((Number) Manifests.map(manifest, "spec").get("replicas")).shortValue();
        return new NewTopic(Manifests.name(manifest), 1, replicas).configs(configuration);
    }

    private static String brokers() {
        return BROKERS.stream().map(ClusterBroker::address).collect(Collectors.joining(","));
    }

    private static Program program(String role) throws Exception {
        Map<String, String> overrides = new HashMap<>(Map.of(
                "role",
                role,
                "database.url",
                postgres.url(),
                "database.user",
                postgres.user(),
                "kafka.security.protocol",
                "SASL_SSL",
                "kafka.sasl.mechanism",
                "SCRAM-SHA-512",
                "kafka.sasl.jaas.config",
                SCRAM.formatted("caravan-" + role, "caravan-" + role),
                "kafka.ssl.truststore.type",
                "PEM",
                "kafka.ssl.truststore.location",
                keys.certificate().toString()));
        overrides.put("kafka.topic.replication", "3");
        return Program.shipped(brokers(), overrides);
    }

    private static Map<String, Object> client(String user) throws Exception {
        return new HashMap<>(Map.of(
                "bootstrap.servers",
                brokers(),
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                "SCRAM-SHA-512",
                "sasl.jaas.config",
                SCRAM.formatted(user, user),
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.location",
                keys.certificate().toString()));
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        worker.close();
        admin.close();
        postgres.close();
        for (ClusterBroker broker : BROKERS) {
            broker.close();
        }
        LOGGED.close();
    }

    @Test
    void storesAndFindsAnOrder() {
        String id = UUID.randomUUID().toString();

        Answer accepted = post(id, "u");

        assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
        await().untilAsserted(() ->
                assertThat(api.http().get("/order/" + id).status()).isEqualTo(200));
        assertThat(api.http().get("/api/v1/records?key=" + id).json().path("items"))
                .hasSize(1);
        // Searches Kafka, with the offsets of every group. A search that a busy machine does not finish in time is
        // answered 503.
        await().untilAsserted(() -> assertThat(
                        api.http().get("/api/v1/messages/" + UUID.randomUUID()).status())
                .isEqualTo(404));
        assertThat(LOGGED.text()).doesNotContain("AuthorizationException", "Not authorized");
    }

    @Test
    void retriesDeadLettersAndReplaysAnOrder() throws Exception {
        String user = "blocked-" + UUID.randomUUID();
        String first = UUID.randomUUID().toString();
        String second = UUID.randomUUID().toString();
        sql("CREATE UNIQUE INDEX blocked ON orders (user_id) WHERE user_id = '" + user + "'");
        assertThat(post(first, user).status()).isEqualTo(202);
        await().untilAsserted(() ->
                assertThat(api.http().get("/order/" + first).status()).isEqualTo(200));

        assertThat(post(second, user).status()).isEqualTo(202);

        await().untilAsserted(() -> assertThat(deadLetters(second)).hasSize(1));
        JsonNode deadLetter = deadLetters(second).get(0);
        assertThat(deadLetter.path("topic").asText()).isEqualTo("orders");
        sql("DROP INDEX blocked");
        Answer replayed = api.http()
                .send("POST", "/api/v1/dead-letters/" + deadLetter.path("id").asText() + "/replay", null, Map.of());
        assertThat(replayed.status()).as(replayed.body()).isEqualTo(202);
        await().untilAsserted(() ->
                assertThat(api.http().get("/order/" + second).status()).isEqualTo(200));
        assertThat(LOGGED.text()).doesNotContain("AuthorizationException", "Not authorized");
    }

    @Test
    void notificationWakesStreamsOfOtherPods() throws Exception {
        String text = UUID.randomUUID().toString();

        // Wake-ups may be lost.
        await().pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            assertThat(api.http()
                            .postForm("/send", "fromID=1&toID=2&message=" + text)
                            .status())
                    .isEqualTo(200);
            assertThat(records("inbox-changes")).isPositive();
        });
        await().untilAsserted(() ->
                assertThat(worker.http().get("/notifications/2").body()).contains(text));
    }

    @Test
    void rewindsConsumers() {
        String id = UUID.randomUUID().toString();
        assertThat(post(id, "u").status()).isEqualTo(202);
        await().untilAsserted(() ->
                assertThat(api.http().get("/order/" + id).status()).isEqualTo(200));

        Answer rewound = api.http().postJson("/api/v1/rewinds", "{\"minutes\":1}");

        assertThat(rewound.status()).as(rewound.body()).isEqualTo(200);
        assertThat(LOGGED.text()).doesNotContain("AuthorizationException", "Not authorized");
    }

    @Test
    void bothRolesReadTheBacklog() {
        for (Program program : List.of(api, worker)) {
            await().untilAsserted(
                            () -> assertThat(Scrape.of(program.management()).names())
                                    .contains("caravan_consumer_lag_records", "caravan_dead_letter_records"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "caravan-api, write, orders-retry-2",
        "caravan-api, write, orders-dlq",
        "caravan-api, write, foreign",
        "caravan-api, read, foreign",
        "caravan-api, create, another",
        "caravan-api, delete, orders",
        "caravan-api, alter, orders",
        "caravan-worker, write, orders",
        "caravan-worker, write, foreign",
        "caravan-worker, read, foreign",
        "caravan-worker, create, another",
        "caravan-worker, delete, orders",
        "caravan-worker, alter, orders",
        "caravan-scaler, read, orders",
        "caravan-scaler, write, orders",
        "caravan-scaler, join, orders",
        "caravan-scaler, create, another"
    })
    void noneMayDoMore(String user, String operation, String topic) throws Exception {
        Map<String, Object> client = client(user);
        Callable<?> attempt = () -> switch (operation) {
            case "read" -> read(client, topic);
            case "write" -> write(client, topic);
            case "join" -> join(client, topic);
            default -> administer(client, operation, topic);
        };

        assertThatThrownBy(attempt::call)
                .satisfiesAnyOf(
                        failure -> assertThat(failure).isInstanceOf(AuthorizationException.class),
                        failure -> assertThat(failure).hasCauseInstanceOf(AuthorizationException.class));
        assertThat(admin.listTopics().names().get())
                .doesNotContain("another")
                .contains(topic.equals("another") ? "orders" : topic);
    }

    @Test
    void scalerReadsTheLag() throws Exception {
        try (Admin scaler = Admin.create(client("caravan-scaler"))) {
            assertThat(scaler.describeTopics(List.of("orders")).allTopicNames().get())
                    .containsKey("orders");
            await().untilAsserted(() -> assertThat(scaler.listConsumerGroupOffsets("caravan-orders")
                            .partitionsToOffsetAndMetadata()
                            .get())
                    .isNotNull());
        }
    }

    private static Object read(Map<String, Object> client, String topic) {
        try (var consumer = new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seekToBeginning(consumer.assignment());
            return consumer.poll(Duration.ofMinutes(2));
        }
    }

    private static Object write(Map<String, Object> client, String topic) throws Exception {
        try (var producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
            return producer.send(new ProducerRecord<>(topic, new byte[] {1})).get();
        }
    }

    private static Object join(Map<String, Object> client, String capability) {
        client.put("group.id", "caravan-" + capability);
        try (var consumer = new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(capability));
            return consumer.poll(Duration.ofMinutes(2));
        }
    }

    private static Object administer(Map<String, Object> client, String operation, String topic) throws Exception {
        try (Admin user = Admin.create(client)) {
            return switch (operation) {
                case "create" ->
                    user.createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                            .all()
                            .get();
                case "delete" -> user.deleteTopics(List.of(topic)).all().get();
                default ->
                    user.createPartitions(Map.of(topic, org.apache.kafka.clients.admin.NewPartitions.increaseTo(9)))
                            .all()
                            .get();
            };
        }
    }

    private static long records(String topic) throws Exception {
        return admin.listOffsets(
                        Map.of(new TopicPartition(topic, 0), org.apache.kafka.clients.admin.OffsetSpec.latest()))
                .all()
                .get()
                .values()
                .iterator()
                .next()
                .offset();
    }

    private static JsonNode deadLetters(String key) {
        return api.http().get("/api/v1/dead-letters?key=" + key).json().path("items");
    }

    private static Answer post(String id, String user) {
        return api.http()
                .postJson(
                        "/order",
                        "{\"id\":\"" + id + "\",\"user_id\":\"" + user
                                + "\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}");
    }

    private static void sql(String statement) throws SQLException {
        DataSource database = api.caravan().context().getRegistry().findSingleByType(DataSource.class);
        try (Connection connection = database.getConnection();
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }
}
