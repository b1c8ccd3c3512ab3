package dev.caravan.roles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.BulkReplays;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.LogCapture;
import dev.caravan.support.Postgres;
import dev.caravan.support.SelfSignedCertificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An {@code api} and a {@code worker} that share only Kafka and a PostgreSQL. */
class RolesIT {

    private static final String PLANTED = "planted-in-the-url";

    @TempDir
    static Path folder;

    private static EmbeddedBroker broker;
    private static Postgres postgres;
    private static Program api;
    private static Program worker;

    @BeforeAll
    static void start() throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
        SelfSignedCertificate keys = new SelfSignedCertificate(folder);
        postgres = Postgres.start(folder.resolve("postgres"), keys);
        api = Program.on(broker.bootstrapServers(), with("api", trusting(keys)));
        worker = Program.on(broker.bootstrapServers(), with("worker", trusting(keys)));
    }

    /** A URL that verifies the server's certificate. */
    private static String trusting(SelfSignedCertificate keys) throws GeneralSecurityException, IOException {
        return postgres.url() + "?sslmode=verify-full&sslrootcert=" + keys.certificate() + "&password=" + PLANTED;
    }

    private static Map<String, String> with(String role, String url) {
        return Map.of("role", role, "database.url", url, "database.user", postgres.user(), "database.password", "");
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        worker.close();
        postgres.close();
        broker.close();
    }

    @Test
    void workerServesNotificationsAcceptedByTheApi() {
        String message = UUID.randomUUID().toString();

        assertThat(api.http()
                        .postForm("/send", "fromID=1&toID=3&message=" + message)
                        .status())
                .isEqualTo(200);

        await().untilAsserted(() ->
                assertThat(worker.http().get("/notifications/3").body()).contains(message));
        assertThat(api.http().get("/notifications/3").body()).contains(message);
    }

    @Test
    void databaseConnectionUsesTls() throws SQLException {
        for (Program program : List.of(api, worker)) {
            DataSource database = program.caravan().context().getRegistry().findSingleByType(DataSource.class);
            try (Connection connection = database.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet mine = statement.executeQuery(
                            "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl")) {
                assertThat(mine.next()).isTrue();
                assertThat(mine.getString(1)).isIn("TLSv1.2", "TLSv1.3");
            }
        }
    }

    @Test
    void rejectsAnUntrustedDatabaseCertificate() throws Exception {
        SelfSignedCertificate others = new SelfSignedCertificate(Files.createDirectory(folder.resolve("others")));
        try (LogCapture logged = new LogCapture();
                Program program = Program.on(broker.bootstrapServers(), with("api", trusting(others)))) {
            await().untilAsserted(() ->
                    assertThat(logged.text()).contains("Waiting for the database: ", "SSL error: PKIX path"));
            assertThat(logged.text()).doesNotContain(PLANTED);
            assertThat(program.management().get("/observe/health/ready").body())
                    .containsPattern("\"name\":\"database\",\"status\":\"DOWN\"");
        }
    }

    @Test
    void apiReturnsTheOrderStoredByTheWorker() {
        String id = UUID.randomUUID().toString();
        String order = "{\"id\":\"" + id
                + "\",\"user_id\":\"u\",\"total\":149.990,\"status\":\"new\",\"timestamp\":\"2025-10-06T17:00:00+02:00\"}";

        assertThat(api.http().postJson("/order", order).status()).isEqualTo(202);

        await().untilAsserted(
                        () -> assertThat(api.http().get("/order/" + id).body()).isEqualTo(order));
    }

    @Test
    void newerStateReplacesAnOlderOne() {
        String id = UUID.randomUUID().toString();
        String order = "{\"id\":\"" + id
                + "\",\"user_id\":\"u\",\"total\":1,\"status\":\"%s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

        api.http().postJson("/order", order.formatted("pending"));
        api.http().postJson("/order", order.formatted("paid"));

        await().untilAsserted(() -> assertThat(
                        api.http().get("/order/" + id).json().path("status").asText())
                .isEqualTo("paid"));
    }

    @Test
    void inboxWorksOnPostgres() {
        api.http().postForm("/send", "fromID=1&toID=4&message=one");
        api.http().postForm("/send", "fromID=1&toID=4&message=two");
        await().untilAsserted(() ->
                assertThat(worker.http().get("/notifications/4/count").body()).isEqualTo("{\"total\":2,\"unread\":2}"));

        var first = worker.http().get("/notifications/4?limit=1").json();
        long id = first.path("notifications").get(0).path("id").asLong();
        assertThat(worker.http()
                        .send("POST", "/notifications/4/" + id + "/read", null, Map.of())
                        .status())
                .isEqualTo(204);
        assertThat(worker.http()
                        .send("POST", "/notifications/4/" + id + "/read", null, Map.of())
                        .status())
                .isEqualTo(204);

        assertThat(worker.http().get("/notifications/4/count").body()).isEqualTo("{\"total\":2,\"unread\":1}");
        var unread = worker.http().get("/notifications/4?unread=true").json();
        assertThat(unread.path("notifications")).hasSize(1);
        assertThat(unread.path("unread").asInt()).isEqualTo(1);
        assertThat(first.path("next").asLong()).isEqualTo(id);
    }

    @Test
    void deadLettersWorkOnPostgres() {
        String id = UUID.randomUUID().toString();
        for (int i = 0; i < 3; i++) {
            api.records()
                    .write(
                            "orders",
                            id,
                            ("no JSON \0" + i).getBytes(StandardCharsets.UTF_8),
                            Map.of("MessageID", id + i));
        }
        String filter = "key=" + id + "&topic=orders&text=no&exception=problem&reason=json&since=2020-01-01T00:00:00Z";
        var letters = await().until(
                        () -> api.http()
                                .get("/api/v1/dead-letters?" + filter)
                                .json()
                                .path("items"),
                        found -> found.size() == 3);

        var group = api.http().get("/api/v1/dead-letter-groups").json().at("/items/0");
        assertThat(group.path("count").asInt()).isGreaterThanOrEqualTo(3);
        assertThat(group.path("lastHour").asInt()).isEqualTo(group.path("count").asInt());
        String letter = "/api/v1/dead-letters/" + letters.get(0).path("id").asText();
        assertThat(api.http()
                        .send("DELETE", letter + "?reason=x", null, Map.of())
                        .status())
                .isEqualTo(204);
        assertThat(api.http().get(letter).json().at("/history/0/detail").asText())
                .isEqualTo("x");
        String many = "{\"key\":\"" + id + "\",\"until\":\"2999-01-01T00:00:00Z\"";
        // They are no orders, so a bulk replay skips them; one is replayed with an edit.
        assertThat(api.http()
                        .postJson("/api/v1/dead-letters/replay", many + ",\"dryRun\":true}")
                        .json()
                        .path("schemaRefuses")
                        .asInt())
                .isEqualTo(2);
        var done = BulkReplays.run(api.http(), many + "}");
        assertThat(done.path("skipped").asInt()).as(done.toString()).isEqualTo(2);
        String order = "{\"id\":\"" + id
                + "\",\"user_id\":\"u\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";
        assertThat(api.http()
                        .postJson(
                                "/api/v1/dead-letters/"
                                        + letters.get(1).path("id").asText() + "/replay",
                                "{\"value\":" + order + "}")
                        .status())
                .isEqualTo(202);
        await().untilAsserted(
                        () -> assertThat(api.http().get("/order/" + id).body()).isEqualTo(order));
        assertThat(api.http()
                        .get("/api/v1/dead-letter-audit")
                        .json()
                        .path("items")
                        .size())
                .isGreaterThanOrEqualTo(4);
        var way = api.http()
                .get("/api/v1/messages/" + letters.get(1).path("messageId").asText())
                .json();
        assertThat(way.path("attempts").size()).as(way.toString()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void eachRoleServesOnlyItsOperations() {
        assertThat(worker.http().postForm("/send", "fromID=1&toID=3&message=x").status())
                .isEqualTo(404);
        assertThat(worker.http().get("/order/x").status()).isEqualTo(404);
        assertThat(api.caravan().context().getRoute("orders-consume").getConsumer())
                .isNotNull();
        assertThat(api.caravan()
                        .context()
                        .getRouteController()
                        .getRouteStatus("orders-consume")
                        .isStarted())
                .isFalse();
    }
}
