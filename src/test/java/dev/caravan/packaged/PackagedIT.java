package dev.caravan.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanProcess;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.Postgres;
import dev.caravan.support.Scrape;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged program: its output, what it keeps across restarts, and how it stops. */
class PackagedIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"u\",\"total\":1.50,\"status\":\"new\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    @TempDir
    Path folder;

    @Test
    void everyCurlExampleOfTheReadmeWorks() throws Exception {
        try (CaravanProcess caravan = CaravanProcess.start(folder, Map.of()).untilReady()) {
            List<Readme.Example> examples = Readme.examples();
            assertThat(examples).hasSizeGreaterThan(6);
            for (Readme.Example example : examples) {
                String command = example.command()
                        .replace("localhost:8080", "127.0.0.1:" + caravan.port())
                        .replace(
                                "127.0.0.1:9876",
                                "127.0.0.1:" + caravan.management().port());
                if (command.contains(" POST ")) {
                    assertThat(Readme.run(command)).as(command).matches(example.answer());
                } else {
                    // Earlier posts take effect a moment later.
                    await().alias(command)
                            .untilAsserted(() -> assertThat(Readme.run(command)).matches(example.answer()));
                }
            }
        }
    }

    @Test
    void sigtermUnderLoadLosesNothing() throws Exception {
        try (CaravanProcess first = CaravanProcess.start(folder, Map.of()).untilReady()) {
            assertThat(first.http().postJson("/order", ORDER.formatted("kept")).status())
                    .isEqualTo(202);
            assertThat(first.http()
                            .postForm("/send", "fromID=1&toID=2&message=kept")
                            .status())
                    .isEqualTo(200);
            await().untilAsserted(() -> {
                assertThat(first.http().get("/order/kept").status()).isEqualTo(200);
                assertThat(first.http().get("/notifications/2").body()).contains("kept");
            });

            assertThat(first.terminate()).isZero();
            assertThat(first.output().strip().lines().reduce((before, last) -> last))
                    .hasValueSatisfying(last -> assertThat(last).endsWith("Processed 2 messages"));
        }
        Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
        try (CaravanProcess second = CaravanProcess.start(folder, Map.of()).untilReady()) {
            assertThat(second.http().get("/order/kept").body()).isEqualTo(ORDER.formatted("kept"));
            assertThat(second.http().get("/notifications/2/count").body()).isEqualTo("{\"total\":1,\"unread\":1}");

            Thread caller = new Thread(() -> {
                try {
                    for (int i = 0; ; i++) {
                        statuses.add(second.http()
                                .postForm("/send", "fromID=1&toID=3&message=m" + i)
                                .status());
                    }
                } catch (UncheckedIOException e) {
                    // The port is closed.
                }
            });
            caller.start();
            await().until(() -> statuses.size() > 50);

            assertThat(second.terminate()).isZero();
            caller.join();
        }
        assertThat(statuses).containsOnly(200, 503);
        int accepted = Collections.frequency(statuses, 200);
        try (CaravanProcess third = CaravanProcess.start(folder, Map.of()).untilReady()) {
            await().untilAsserted(() -> assertThat(third.http()
                            .get("/notifications/3/count")
                            .json()
                            .path("total")
                            .asInt())
                    .isEqualTo(accepted));
        }
    }

    @Test
    void pauseAndSigkillLoseNothing() throws Exception {
        Map<String, String> keyed = Map.of("Content-Type", "application/json", "Idempotency-Key", "k");
        Answer answer;
        try (CaravanProcess first = CaravanProcess.start(folder, Map.of()).untilReady()) {
            answer = first.http().send("POST", "/order", ORDER.formatted("keyed"), keyed);
            assertThat(answer.status()).isEqualTo(202);

            // As if the machine had slept. The controller checks for expired sessions while the orders arrive.
            first.pause(Duration.ofSeconds(4));
            for (int i = 0; i < 100; i++) {
                assertThat(first.http()
                                .postJson("/order", ORDER.formatted("after"))
                                .status())
                        .isEqualTo(202);
            }
            assertThat(first.output()).doesNotContain("NOT_LEADER");

            for (int i = 0; i < 50; i++) {
                assertThat(first.http()
                                .postForm("/send", "fromID=1&toID=2&message=m" + i)
                                .status())
                        .isEqualTo(200);
            }
            first.kill();
        }
        try (CaravanProcess second = CaravanProcess.start(folder, Map.of()).untilReady()) {
            await().untilAsserted(() -> assertThat(
                            second.http().get("/notifications/2/count").body())
                    .isEqualTo("{\"total\":50,\"unread\":50}"));
            assertThat(second.http().get("/notifications/2").json().findValuesAsText("message"))
                    .startsWith("m0", "m1", "m2")
                    .endsWith("m49");
            Answer again = second.http().send("POST", "/order", ORDER.formatted("keyed"), keyed);
            assertThat(again.status()).isEqualTo(202);
            assertThat(again.body()).isEqualTo(answer.body());
            assertThat(second.http()
                            .send("POST", "/order", ORDER.formatted("another"), keyed)
                            .status())
                    .isEqualTo(422);
            assertThat(Scrape.of(second.management()).sum("caravan_published_total", "topic", "orders"))
                    .hasValue(0);
        }
    }

    @Test
    void startsBeforeKafkaWithoutLoadingTheEmbeddedBroker() throws Exception {
        int port = CaravanExtension.freePort();
        Path classes = folder.resolve("classes.log");
        Map<String, String> settings =
                Map.of("KAFKA_BROKERS", "127.0.0.1:" + port, "JAVA_OPTS", "-Xlog:class+load:file=" + classes);
        try (CaravanProcess caravan = CaravanProcess.start(folder, settings)
                .untilOutput("Waiting for Kafka")
                .untilReady()) {
            Answer refused = caravan.http().postJson("/order", ORDER.formatted("early"));
            assertThat(refused.status()).isEqualTo(500);
            assertThat(refused.header("Retry-After")).isNotNull();
            assertThat(caravan.http().get("/notifications/2").status()).isEqualTo(200);
            assertThat(caravan.management().get("/observe/health/live").status())
                    .isEqualTo(200);
            assertThat(caravan.management().get("/hawtio/").body()).contains("<title>Hawtio</title>");
            await().untilAsserted(() -> assertThat(
                            caravan.management().get("/observe/health/ready").status())
                    .isEqualTo(503));

            try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), port)) {
                assertThat(broker.bootstrapServers()).endsWith(":" + port);
                await().untilAsserted(() -> assertThat(caravan.http()
                                .postJson("/order", ORDER.formatted("late"))
                                .status())
                        .isEqualTo(202));
                await().untilAsserted(() ->
                        assertThat(caravan.http().get("/order/late").status()).isEqualTo(200));
                await().untilAsserted(() -> assertThat(caravan.management()
                                .get("/observe/health/ready")
                                .status())
                        .isEqualTo(200));
            }
        }
        assertThat(Files.readString(classes))
                .contains("org.apache.kafka.clients.producer.KafkaProducer")
                .doesNotContain(" kafka.server.");
    }

    @Test
    void startsBeforeTheDatabase() throws Exception {
        int port = CaravanExtension.freePort();
        Map<String, String> settings = Map.of(
                "DATABASE_URL", "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "DATABASE_USER", "postgres");
        try (CaravanProcess caravan = CaravanProcess.start(folder, settings)
                .untilOutput("Waiting for the database")
                .untilReady()) {
            assertThat(caravan.http()
                            .postJson("/order", ORDER.formatted("early"))
                            .status())
                    .isEqualTo(202);

            try (Postgres postgres = Postgres.start(folder.resolve("postgres"), port)) {
                assertThat(postgres.url()).contains(":" + port);
                await().untilAsserted(() ->
                        assertThat(caravan.http().get("/order/early").status()).isEqualTo(200));

                int started = caravan.output().length();
                assertThat(caravan.terminate()).isZero();
                assertThat(caravan.output().substring(started)).doesNotContain(" ERROR ");
            }
        }
    }

    @Test
    void logsJsonWithTheFieldsOfTheMessage() throws Exception {
        try (CaravanProcess caravan =
                CaravanProcess.start(folder, Map.of("LOG_FORMAT", "json")).untilReady()) {
            caravan.http()
                    .send(
                            "POST",
                            "/order",
                            ORDER.formatted("logged"),
                            Map.of("Content-Type", "application/json", "Message-ID", "id-of-it"));
            caravan.untilOutput("Received message Count: 1: | Topic (orders) | Message (");

            ObjectMapper mapper = new ObjectMapper();
            for (String line : caravan.output().lines().toList()) {
                JsonNode entry = mapper.readTree(line);
                assertThat(entry.has("message")).as(line).isTrue();
                if (entry.get("message").asText().startsWith("Received message")) {
                    assertThat(entry.path("message_id").asText()).isEqualTo("id-of-it");
                    assertThat(entry.path("topic").asText()).isEqualTo("orders");
                    assertThat(entry.path("key").asText()).isEqualTo("logged");
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            RETRY_ATTEMPTS=many            | RETRY_ATTEMPTS must be a whole number from 1 to 20, not "many"
            PROFILE=low-latency KAFKA_PRODUCER_IDEMPOTENT=true | KAFKA_PRODUCER_ACKS=1 conflicts with KAFKA_PRODUCER_IDEMPOTENT=true: set KAFKA_PRODUCER_ACKS=all or KAFKA_PRODUCER_IDEMPOTENT=false
            PROFILE=fast                   | PROFILE must be one of high-reliability, high-throughput, low-latency, production, not "fast"
            """)
    void anInvalidSettingPrintsOneLine(String setting, String line) throws Exception {
        Map<String, String> environment = Arrays.stream(setting.split(" "))
                .map(each -> each.split("=", 2))
                .collect(Collectors.toMap(each -> each[0], each -> each[1]));

        try (CaravanProcess caravan = CaravanProcess.start(folder, environment)) {
            assertThat(caravan.exitCode()).isEqualTo(2);
            assertThat(caravan.output().strip()).isEqualTo("caravan: " + line);
        }
    }

    @Test
    void helpNamesEverySetting() throws Exception {
        try (CaravanProcess caravan = CaravanProcess.start(folder, Map.of(), "--help")) {
            assertThat(caravan.exitCode()).isZero();
            assertThat(caravan.output()).contains("Usage: caravan", "KAFKA_BROKERS", "RETRY_DELAYS", "[1s,10s,60s]");
        }
        try (CaravanProcess caravan = CaravanProcess.start(folder, Map.of(), "--hlep")) {
            assertThat(caravan.exitCode()).isEqualTo(2);
            assertThat(caravan.output()).contains("unknown argument --hlep; try --help");
        }
    }

    @Test
    void validateReportsWhetherEachFileCanRun() throws Exception {
        Path routes = CaravanProcess.HOME.resolve("routes");
        Path broken = folder.resolve("orders.camel.yaml");
        Files.writeString(
                broken,
                Files.readString(routes.resolve("orders.camel.yaml")).replace("ref: idempotent", "ref: no-such-bean"));
        String comments = routes.resolve("comments.camel.yaml").toString();

        try (CaravanProcess caravan = CaravanProcess.start(folder, Map.of(), "validate", comments)) {
            assertThat(caravan.exitCode()).isZero();
            assertThat(caravan.output().strip()).isEqualTo("comments.camel.yaml: fine");
        }
        try (CaravanProcess caravan = CaravanProcess.start(folder, Map.of(), "validate", comments, broken.toString())) {
            assertThat(caravan.exitCode()).isEqualTo(1);
            assertThat(caravan.output().lines())
                    .hasSize(2)
                    .contains("comments.camel.yaml: fine")
                    .anyMatch(line -> line.matches("orders\\.camel\\.yaml:\\d+:\\d+: .*no-such-bean.*"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"yaml", "xml"})
    void theExamplesRunWithoutTheShippedRoutes(String language) throws Exception {
        String examples = Path.of("examples", language).toAbsolutePath().toString();
        try (CaravanProcess caravan =
                CaravanProcess.start(folder, Map.of("ROUTES_DIR", examples)).untilReady()) {
            Http.Answer answer = caravan.http().send("POST", "/publish", "hello", Map.of("Content-Type", "text/plain"));

            assertThat(answer.status()).isEqualTo(202);
            caravan.untilOutput("Received message " + answer.body().strip() + ": hello");
        }
    }

    @ParameterizedTest
    @CsvSource({"high-throughput", "high-reliability", "low-latency"})
    void runsInEachProfile(String profile) throws Exception {
        try (CaravanProcess caravan =
                CaravanProcess.start(folder, Map.of("PROFILE", profile)).untilReady()) {
            assertThat(caravan.http()
                            .postJson("/order", ORDER.formatted("profiled"))
                            .status())
                    .isEqualTo(202);
            await().untilAsserted(() ->
                    assertThat(caravan.http().get("/order/profiled").status()).isEqualTo(200));
            assertThat(caravan.terminate()).isZero();
        }
    }
}
