package dev.caravan.camelrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanProcess;
import dev.caravan.support.Http;
import dev.caravan.support.MailServer;
import dev.caravan.support.Records;
import java.io.IOException;
import java.io.UncheckedIOException;
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

/** The shipped route files and the examples under {@code camel run}, in a JVM with the class path of Camel JBang. */
@TestInstance(Lifecycle.PER_CLASS)
class CamelRunIT {

    private static final Duration START = Duration.ofMinutes(3);
    private static final List<String> CAPABILITIES = List.of("comments", "orders", "notifications", "events");

    private Path folder;
    private EmbeddedBroker broker;
    private Path classPath;
    private final List<Process> started = new ArrayList<>();
    private final GreenMail mail = MailServer.create();
    private Http http;
    private Http alone;

    /** One language of each example runs with the shipped routes, the other one alone. */
    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
        createTopics();
        mail.start();
        classPath = classPath();
        Path migrations = Files.createDirectory(folder.resolve("migrations"));
        Files.copy(Path.of("examples/digest/V1__digest.sql"), migrations.resolve("V1__digest.sql"));
        Files.writeString(
                migrations.resolve("V2__users.sql"),
                "INSERT INTO digests (user_id, address) VALUES (1, 'micho@example.org');");
        List<String> files = new ArrayList<>(List.of(
                "--prop=camel.management.enabled=false",
                "--prop=digest.period=500",
                "--prop=digest.wait=200",
                "--prop=digest.smtp=127.0.0.1:"
                        + mail.getSmtp().getServerSetup().getPort(),
                "application.properties"));
        try (Stream<Path> routes = Files.list(Path.of("src/main/resources/routes"))) {
            routes.forEach(file -> files.add(file.toString()));
        }
        files.addAll(List.of(
                "examples/yaml/producer.camel.yaml",
                "examples/xml/consumer.camel.xml",
                "examples/digest/digest.camel.xml",
                "target/caravan-0.1.0.jar"));
        http = run(
                "camel.log",
                Map.of(
                        "MIGRATIONS_DIR",
                        migrations.toString(),
                        "PUBLISH_TIMEOUT",
                        CaravanProcess.PUBLISH_TIMEOUT,
                        "DATABASE_URL",
                        "jdbc:h2:mem:camel-run;DB_CLOSE_DELAY=-1;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"),
                files);
        alone = run(
                "alone.log",
                Map.of(),
                List.of(
                        "--prop=camel.server.enabled=true",
                        "--prop=camel.server.host=127.0.0.1",
                        "--prop=camel.server.port={{env:HTTP_PORT}}",
                        "--prop=camel.rest.component=platform-http",
                        "--prop=example.topic=alone",
                        "examples/xml/producer.camel.xml",
                        "examples/yaml/consumer.camel.yaml"));
        untilAnswered(http, "/notifications/1", 200);
        untilAnswered(alone, "/publish", 405);
    }

    private Http run(String log, Map<String, String> environment, List<String> arguments) throws IOException {
        int port = CaravanExtension.freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                CaravanProcess.QUICK_START,
                "-cp",
                Path.of("target/test-classes") + ":" + Files.readString(classPath),
                CamelRun.class.getName(),
                "run"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(log).toFile());
        builder.environment()
                .putAll(Map.of("KAFKA_BROKERS", broker.bootstrapServers(), "HTTP_PORT", Integer.toString(port)));
        builder.environment().putAll(environment);
        started.add(builder.start());
        return new Http("http://127.0.0.1:" + port);
    }

    private void untilAnswered(Http program, String path, int status) {
        await().atMost(START).ignoreExceptions().until(() -> {
            assertThat(started).as(() -> logs()).allMatch(Process::isAlive);
            return program.get(path).status() == status;
        });
    }

    @AfterAll
    void stop() throws Exception {
        for (Process process : started) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        mail.stop();
        broker.close();
    }

    @Test
    void acceptsAndConsumesAnOrder() {
        String order =
                "{\"id\":\"jb-1\",\"user_id\":\"u\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-01T00:00:00Z\"}";

        assertThat(http.postJson("/order", order).status()).isEqualTo(202);

        await().untilAsserted(() -> assertThat(http.get("/order/jb-1").body()).isEqualTo(order));
    }

    @Test
    void exampleProducerPublishesAndConsumerCommits() {
        publishAndConsume(http, "examples", "camel.log");
    }

    @Test
    void examplesRunWithoutCaravan() {
        publishAndConsume(alone, "alone", "alone.log");
    }

    private void publishAndConsume(Http program, String topic, String log) {
        Records records = new Records(broker.bootstrapServers());

        Http.Answer answer = program.send("POST", "/publish", "hello", Map.of("Content-Type", "text/plain"));

        assertThat(answer.status()).isEqualTo(202);
        assertThat(records.withMessageId(topic, answer.body().strip()))
                .singleElement()
                .satisfies(record -> assertThat(record.text()).isEqualTo("hello"));
        await().untilAsserted(() -> assertThat(log(log))
                .contains("Received message " + answer.body().strip() + ": hello"));
        await().untilAsserted(() -> assertThat(records.lag(topic, topic)).isZero());
    }

    @Test
    void mailsTheDigest() {
        assertThat(http.postForm("/send", "fromID=2&toID=1&message=digested").status())
                .isEqualTo(200);

        await().untilAsserted(() -> assertThat(mail.getReceivedMessages())
                .singleElement()
                .satisfies(each -> assertThat(GreenMailUtil.getBody(each)).contains("Tito: digested")));
    }

    private void createTopics() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            List<NewTopic> topics = CAPABILITIES.stream()
                    .flatMap(topic -> Stream.of("", "-retry-1", "-retry-2", "-retry-3", "-dlq")
                            .map(suffix -> new NewTopic(topic + suffix, 1, (short) 1)))
                    .collect(Collectors.toCollection(ArrayList::new));
            topics.add(new NewTopic("examples", 1, (short) 1));
            topics.add(new NewTopic("alone", 1, (short) 1));
            admin.createTopics(topics).all().get();
        }
    }

    private Path classPath() throws IOException, InterruptedException {
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
        return file;
    }

    private String logs() {
        return log("camel.log") + log("alone.log");
    }

    private String log(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
