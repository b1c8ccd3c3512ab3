package dev.caravan.camelrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.Http;
import dev.caravan.support.Launched;
import dev.caravan.support.Records;
import dev.caravan.support.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The shipped route files and the examples under Camel JBang, as the README says, but without JBang: in a JVM with its class path. */
@TestInstance(Lifecycle.PER_CLASS)
class CamelRunIT {

    private static final Duration START = Duration.ofMinutes(3);
    private static final List<String> CAPABILITIES = List.of("comments", "orders", "notifications", "events");

    private Path folder;
    private EmbeddedBroker broker;
    private Process camel;
    private Http http;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
        createTopics();
        int port = Running.freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Path.of("target/test-classes") + ":" + classPath(),
                CamelRun.class.getName(),
                "run",
                "--prop=camel.management.enabled=false",
                "application.properties"));
        for (String source : List.of("src/main/resources/routes", "examples")) {
            try (Stream<Path> files = Files.list(Path.of(source))) {
                files.filter(file -> file.toString().endsWith(".yaml")).forEach(file -> command.add(file.toString()));
            }
        }
        command.add("target/caravan-0.1.0.jar");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("camel.log").toFile());
        builder.environment()
                .putAll(
                        Map.of(
                                "KAFKA_BROKERS",
                                broker.bootstrapServers(),
                                "HTTP_PORT",
                                Integer.toString(port),
                                "PUBLISH_TIMEOUT",
                                Launched.PUBLISH_TIMEOUT,
                                "DATABASE_URL",
                                "jdbc:h2:mem:camel-run;DB_CLOSE_DELAY=-1;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"));
        camel = builder.start();
        http = new Http("http://127.0.0.1:" + port);
        await().atMost(START).ignoreExceptions().until(() -> {
            assertThat(camel.isAlive()).as(log()).isTrue();
            return http.get("/notifications/1").status() == 200;
        });
    }

    @AfterAll
    void stop() throws Exception {
        if (camel != null) {
            camel.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        broker.close();
    }

    @Test
    void anOrderIsTakenAndConsumed() {
        String order =
                "{\"id\":\"jb-1\",\"user_id\":\"u\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-01T00:00:00Z\"}";

        assertThat(http.postJson("/order", order).status()).isEqualTo(202);

        await().untilAsserted(() -> assertThat(http.get("/order/jb-1").body()).isEqualTo(order));
    }

    @Test
    void theProducerOfTheExamplesPublishesAndItsConsumerCommits() throws IOException {
        Records records = new Records(broker.bootstrapServers());

        Http.Answer answer = http.send("POST", "/publish", "hello", Map.of("Content-Type", "text/plain"));

        assertThat(answer.status()).isEqualTo(202);
        assertThat(records.withMessageId("examples", answer.body().strip()))
                .singleElement()
                .satisfies(record -> assertThat(record.text()).isEqualTo("hello"));
        await().untilAsserted(() ->
                assertThat(log()).contains("Received message " + answer.body().strip() + ": hello"));
        await().untilAsserted(
                        () -> assertThat(records.lag("examples", "examples")).isZero());
    }

    private void createTopics() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            List<NewTopic> topics = CAPABILITIES.stream()
                    .flatMap(topic -> Stream.of("", "-retry-1", "-retry-2", "-retry-3", "-dlq")
                            .map(suffix -> new NewTopic(topic + suffix, 1, (short) 1)))
                    .collect(Collectors.toCollection(ArrayList::new));
            topics.add(new NewTopic("examples", 1, (short) 1));
            admin.createTopics(topics).all().get();
        }
    }

    private String classPath() throws IOException, InterruptedException {
        Path file = folder.resolve("class-path");
        Process maven = new ProcessBuilder(
                        "mvn",
                        "-q",
                        "-B",
                        "-f",
                        "src/test/camel-run/pom.xml",
                        "dependency:build-classpath",
                        "-Dmdep.outputFile=" + file)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("maven.log").toFile())
                .start();
        assertThat(maven.waitFor())
                .as(Files.readString(folder.resolve("maven.log")))
                .isZero();
        return Files.readString(file);
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("camel.log"));
    }
}
