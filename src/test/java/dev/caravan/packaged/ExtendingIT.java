package dev.caravan.packaged;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanProcess;
import dev.caravan.support.Http;
import dev.caravan.support.Records;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Extends the program by following docs/extending.md word for word, from a new archive and without a build. */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
class ExtendingIT {

    private static final Path PAGE = Path.of("docs/extending.md");

    private final int port = CaravanExtension.freePort();
    private final int kafka = CaravanExtension.freePort();
    private final int service = CaravanExtension.freePort();
    private final Http http = new Http("http://127.0.0.1:" + port);

    private Path folder;
    private Guide guide;

    ExtendingIT() throws Exception {
        // The initializers of the ports throw a checked exception.
    }

    @BeforeAll
    void startWithThePage(@TempDir Path temporary) throws Exception {
        folder = temporary;
        Files.copy(CaravanProcess.ARCHIVE, folder.resolve(CaravanProcess.ARCHIVE.getFileName()));
        Map<String, String> environment = Map.of(
                "HTTP_PORT",
                Integer.toString(port),
                "MANAGEMENT_PORT",
                Integer.toString(CaravanExtension.freePort()),
                "KAFKA_EMBEDDED_PORT",
                Integer.toString(kafka),
                "PUBLISH_TIMEOUT",
                CaravanProcess.PUBLISH_TIMEOUT,
                "JAVA_OPTS",
                CaravanProcess.QUICK_START,
                "LOG_FORMAT",
                "text");
        guide = new Guide(PAGE, "Call a web service for each order", folder, environment)
                .with(":8080", ":" + port)
                .with("9090", Integer.toString(service))
                .until("Service", this::serviceRuns)
                .until("bin/caravan", () -> caravan().contains("Caravan is ready"));
        guide.followTo("java Service.java");
        Files.writeString(
                home().resolve("application.properties"), "\nbilling.service=127.0.0.1:" + service + "\n", APPEND);
        guide.followTo("bin/caravan new");
    }

    @AfterAll
    void stop() throws Exception {
        guide.close();
    }

    private Path home() {
        return folder.resolve("caravan-0.1.0");
    }

    private String caravan() {
        return guide.printed(1);
    }

    private boolean serviceRuns() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service)) {
            return socket.isConnected();
        } catch (java.io.IOException e) {
            return false;
        }
    }

    private JsonNode consumer(String topic, String name) {
        return find(
                find(http.get("/api/v1/routes").json().path("topics"), topic).path("consumers"), name);
    }

    private static JsonNode find(JsonNode all, String name) {
        return StreamSupport.stream(all.spliterator(), false)
                .filter(each -> each.path("name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Runs first, because the page uses the id of the program's first dead letter. */
    @Test
    @Order(1)
    void thePageLeadsToAWebServiceCalledForEachOrder() throws Exception {
        guide.followTo("dead-letters --consumer");
        await().untilAsserted(() -> assertThat(guide.printed(0)).contains("200 {\"id\":\"order-1\""));
        guide.followTo("/replay");

        // What the console shows.
        JsonNode billing = consumer("orders", "billing");
        assertThat(billing.path("failed").asInt()).isEqualTo(1);
        assertThat(billing.path("retries"))
                .hasSize(3)
                .allMatch(each -> each.path("failed").asInt() == 1);
        assertThat(billing.at("/retries/2/deadLettered").asInt()).isEqualTo(1);
        await().untilAsserted(() -> assertThat(
                        consumer("orders", "billing").path("openDeadLetters").asInt())
                .isEqualTo(1));
        assertThat(guide.printed(0).lines().filter(line -> line.startsWith("500 ")))
                .hasSize(16);
        assertThat(consumer("orders", "orders").path("failed").asInt()).isZero();

        guide.follow();
        await().untilAsserted(() -> assertThat(guide.printed(0)).contains("200 {\"id\":\"order-2\""));
    }

    /** The page covers the kind "call". */
    @Test
    @Order(2)
    void aSkeletonOfEachKindWorksUnchanged() throws Exception {
        guide.output("for each in 'parcels --kind rest' 'ticks --kind timer' 'imports --kind file'; do"
                + " caravan-0.1.0/bin/caravan new $each; done");

        await().untilAsserted(() -> assertThat(
                        http.postJson("/parcels", "{\"id\":\"p-1\"}").status())
                .isEqualTo(202));
        Path imports = Files.createDirectories(folder.resolve("data/imports"));
        Files.writeString(imports.resolve("one"), "first import");
        await().untilAsserted(() ->
                assertThat(caravan()).contains("parcels: {id=p-1}", "ticks: {\"at\":\"", "imports: first import"));

        Records records = new Records("127.0.0.1:" + kafka);
        records.write("parcels", "p-2", "{}".getBytes(StandardCharsets.UTF_8), Map.of());
        fail("ticks");
        fail("imports");
        records.write("ticks", "t", "{}".getBytes(StandardCharsets.UTF_8), Map.of());
        Files.writeString(imports.resolve("two"), "second import");
        for (String consumer : List.of("parcels", "ticks", "imports")) {
            await().untilAsserted(() -> assertThat(http.get("/api/v1/dead-letters?consumer=" + consumer)
                            .json()
                            .path("items"))
                    .isNotEmpty());
        }
    }

    /** Edits the capability's route while it runs, and waits until the edit is live. */
    private void fail(String capability) throws Exception {
        String name = capability + ".camel.yaml";
        Path file = home().resolve("routes").resolve(name);
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceFirst(
                                "- log: .*",
                                "- throwException: { exceptionType: java.lang.IllegalStateException, message: broken }"));
        await().untilAsserted(() -> {
            JsonNode live = http.get("/api/v1/routes/files/" + name).json();
            assertThat(live.path("text").asText()).contains("throwException");
            assertThat(live.path("state").asText()).isEqualTo("live");
        });
    }
}
