package dev.caravan.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanProcess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What aborts a start, with which message, and what does not: settings, files, ports and the launcher. */
class StartIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"u\",\"total\":1.50,\"status\":\"new\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    static Stream<Arguments> invalidSettings() {
        return Stream.of(
                Arguments.of("SCHEMAS_DIR", "/nope", "SCHEMAS_DIR=/nope: there is no such file or folder"),
                Arguments.of("USERS_FILE", "/nope.json", "USERS_FILE=/nope.json: there is no such file"),
                Arguments.of("ROUTES_DIR", "/nope", "ROUTES_DIR=/nope: there is no such file or folder"),
                Arguments.of("ROUTES_DIR", "EMPTY", "ROUTES_DIR=EMPTY: it contains no route file (*.yaml or *.xml)"),
                Arguments.of(
                        "SCHEMAS_DIR", "EMPTY", "SCHEMAS_DIR=EMPTY: there is no schema in it, no file *.schema.json"),
                Arguments.of("HAWTIO_DIR", "/nope", "HAWTIO_DIR=/nope: there is no index.html in it that can be read"),
                Arguments.of(
                        "DATABASE_URL",
                        "postgres://bob:s3cret@localhost/db",
                        "DATABASE_URL must be a URL that begins with jdbc:postgresql: or jdbc:h2:, not"
                                + " \"postgres://***@localhost/db\""),
                Arguments.of(
                        "KAFKA_BROKERS",
                        "localhost",
                        "KAFKA_BROKERS must be a list of host:port such as kafka-1:9092,kafka-2:9092, not \"localhost\""),
                Arguments.of(
                        "DATA_DIR",
                        "/tmp/a;b",
                        "DATA_DIR must be a folder without ; , or \\ in its path, which Kafka or H2 would misread,"
                                + " not \"/tmp/a;b\""),
                Arguments.of("CARAVAN_GC", "g1", "CARAVAN_GC must be one of Serial, G1, Parallel, Z, not \"g1\""),
                Arguments.of(
                        "CARAVAN_HEAP",
                        "512",
                        "CARAVAN_HEAP must be a size such as 512m or 2g, 96m at least, not \"512\""));
    }

    @ParameterizedTest(name = "{0}={1}")
    @MethodSource("invalidSettings")
    void invalidSettingsExitWithCode2AndOneLine(String variable, String value, String line) throws Exception {
        String empty = Files.createDirectory(folder.resolve("empty")).toString();
        Map<String, String> environment = Map.of(variable, value.replace("EMPTY", empty));

        try (CaravanProcess caravan = CaravanProcess.start(folder, environment)) {
            assertThat(caravan.exitCode(START_LIMIT)).isEqualTo(2);
            assertThat(caravan.output().strip()).isEqualTo("caravan: " + line.replace("EMPTY", empty));
        }
    }

    @Test
    void aMissingSchemaAbortsTheStart() throws Exception {
        Path schemas = Files.createDirectory(folder.resolve("schemas"));
        for (String name : List.of("send", "notifications", "comments")) {
            String file = name + ".schema.json";
            Files.copy(CaravanProcess.HOME.resolve("schemas").resolve(file), schemas.resolve(file));
        }

        try (CaravanProcess caravan = CaravanProcess.start(folder, Map.of("SCHEMAS_DIR", schemas.toString()))) {
            assertThat(caravan.exitCode(START_LIMIT)).isEqualTo(2);
            assertThat(caravan.output().lines().filter(line -> line.startsWith("caravan: ")))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .matches("caravan: orders\\.camel\\.yaml:\\d+:\\d+: there is no schema orders: .*"));
        }
    }

    @Test
    void aPasswordInAUrlIsNeverPrinted() throws Exception {
        Map<String, String> settings = Map.of(
                "DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/db?user=bob&password=s3cret-word&sslmode=disable");

        try (CaravanProcess caravan = CaravanProcess.start(folder, settings)
                .untilOutput("Waiting for the database")
                .untilReady()) {
            assertThat(caravan.management().get("/observe/health").body())
                    .contains("DOWN")
                    .doesNotContain("s3cret-word");
            assertThat(caravan.output()).doesNotContain("s3cret-word");
        }
    }

    @Test
    void eachBusyPortPrintsOneLine() throws Exception {
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket two = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                CaravanProcess caravan = CaravanProcess.start(
                        folder,
                        Map.of("HTTP_PORT", "" + one.getLocalPort(), "KAFKA_EMBEDDED_PORT", "" + two.getLocalPort()))) {
            assertThat(caravan.exitCode(START_LIMIT)).isEqualTo(1);
            assertThat(caravan.output().lines())
                    .hasSize(2)
                    .anyMatch(line -> line.startsWith("caravan: 127.0.0.1:" + one.getLocalPort())
                            && line.endsWith("set HTTP_PORT to another port"))
                    .anyMatch(line -> line.endsWith("set KAFKA_EMBEDDED_PORT to another port"));
        }
    }

    @Test
    void aSecondProgramCannotUseTheSameDataFolder() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"), 0);
                CaravanProcess first = CaravanProcess.start(folder, Map.of("KAFKA_BROKERS", broker.bootstrapServers()))
                        .untilReady();
                CaravanProcess second =
                        CaravanProcess.start(folder, Map.of("KAFKA_BROKERS", broker.bootstrapServers()))) {
            assertThat(second.exitCode(START_LIMIT)).isEqualTo(1);
            assertThat(second.output().lines().filter(line -> line.startsWith("caravan: ")))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .startsWith("caravan: Another program uses the database in " + folder.resolve("data"))
                            .contains("set DATA_DIR")
                            .doesNotContain("Exception"));
            assertThat(first.http().get("/notifications/1").status()).isEqualTo(200);
        }
    }

    @Test
    void startsInATurkishLocaleAndWarnsAboutMisspeltVariables() throws Exception {
        Map<String, String> settings = Map.of(
                "JAVA_OPTS", CaravanProcess.QUICK_START + " -Duser.language=tr -Duser.country=TR",
                "HTTP_PROT", "8081",
                "KAFKA_HOME", "/opt/kafka");
        try (CaravanProcess caravan = CaravanProcess.start(folder, settings).untilReady()) {
            assertThat(caravan.http().postJson("/order", ORDER.formatted("I")).status())
                    .isEqualTo(202);
            assertThat(caravan.output())
                    .contains("HTTP_PROT is not a setting and is ignored; did you mean HTTP_PORT?")
                    .doesNotContain("KAFKA_HOME");
            assertThat(caravan.output())
                    .containsPattern("Caravan is ready: version \\d\\S+, role all, after [0-9.]+ s")
                    .contains("curl -d 'fromID=2&toID=1&message=Hello' http://127.0.0.1:" + caravan.port() + "/send")
                    .contains(folder.resolve("data").toString());
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(folder.resolve("data/caravan.mv.db"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data/kafka"))))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void waitsForABrokerNameToResolve() throws Exception {
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost\n");
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"), 0)) {
            String port = broker.bootstrapServers().replaceFirst(".*:", "");
            Map<String, String> settings = Map.of(
                    "KAFKA_BROKERS",
                    "kafka-of-this-test:" + port,
                    "JAVA_OPTS",
                    CaravanProcess.QUICK_START + " -Djdk.net.hosts.file=" + hosts);
            try (CaravanProcess caravan = CaravanProcess.start(folder, settings)
                    .untilOutput("Waiting for Kafka")
                    .untilReady()) {
                assertThat(caravan.http()
                                .postJson("/order", ORDER.formatted("early"))
                                .status())
                        .isEqualTo(500);

                Files.writeString(hosts, "127.0.0.1 localhost kafka-of-this-test\n");

                await().untilAsserted(() -> assertThat(caravan.http()
                                .postJson("/order", ORDER.formatted("late"))
                                .status())
                        .isEqualTo(202));
                await().untilAsserted(() ->
                        assertThat(caravan.http().get("/order/late").status()).isEqualTo(200));
            }
        }
    }

    @Test
    void runsInAFolderWithSpecialCharacters() throws Exception {
        Path home = CaravanProcess.copy(folder.resolve("with space/plus+sign/per%20cent/a#b"));
        // The launcher passes this file's path to the JVM, which must not interpret parts of it.
        Files.copy(Path.of("src/main/resources/logback.xml"), home.resolve("logback.xml"));
        Map<String, String> settings = Map.of("CDPATH", ".:..");

        try (CaravanProcess caravan =
                CaravanProcess.start(home, folder, settings).untilReady()) {
            assertThat(caravan.http()
                            .postJson("/api/v1/comments", "{\"text\":5}")
                            .status())
                    .isEqualTo(400);
            assertThat(caravan.http()
                            .postForm("/send", "fromID=1&toID=2&message=m")
                            .status())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"co:lon", "semi;colon", "com,ma", "back\\slash"})
    void aFolderNameThatJavaCannotUsePrintsOneLine(String name) throws Exception {
        Path home = CaravanProcess.copy(folder.resolve(name));

        try (CaravanProcess caravan = CaravanProcess.start(home, folder, Map.of())) {
            assertThat(caravan.exitCode(START_LIMIT)).isEqualTo(2);
            assertThat(caravan.output().strip()).hasLineCount(1).contains("colon", home.toString());
        }
    }

    @Test
    void printsVersionAndUsageOfValidate() throws Exception {
        try (CaravanProcess caravan = CaravanProcess.start(folder, Map.of(), "--version")) {
            assertThat(caravan.exitCode(START_LIMIT)).isZero();
            assertThat(caravan.output().strip()).matches("caravan \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
        }
        try (CaravanProcess caravan = CaravanProcess.start(folder, Map.of(), "validate")) {
            assertThat(caravan.exitCode(START_LIMIT)).isEqualTo(2);
            assertThat(caravan.output()).contains("validate needs a file").hasLineCount(1);
        }
    }

    @Test
    void validatesFoldersAndReportsMissingFiles() throws Exception {
        Path routes = Files.createDirectory(folder.resolve("routes"));
        Files.copy(CaravanProcess.HOME.resolve("routes/comments.camel.yaml"), routes.resolve("comments.camel.yaml"));
        Files.copy(CaravanProcess.HOME.resolve("routes/orders.camel.yaml"), routes.resolve("orders.camel.yaml"));

        try (CaravanProcess caravan =
                CaravanProcess.start(folder, Map.of(), "validate", routes.toString(), "/dev/null", "/nope.yaml")) {
            assertThat(caravan.exitCode(START_LIMIT)).isEqualTo(1);
            assertThat(caravan.output().lines())
                    .containsExactly(
                            "comments.camel.yaml: fine",
                            "orders.camel.yaml: fine",
                            "/dev/null: it is not a file",
                            "/nope.yaml: there is no such file or folder");
        }
    }
}
