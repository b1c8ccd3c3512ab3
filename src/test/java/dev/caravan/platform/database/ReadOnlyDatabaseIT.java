package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Postgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a failover the database answers but rejects writes. */
class ReadOnlyDatabaseIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"u\",\"total\":1,\"status\":\"s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    @TempDir
    Path folder;

    @Test
    void consumersWaitAndHealthReportsIt() throws Exception {
        try (Postgres postgres = Postgres.start(folder.resolve("postgres"));
                EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
                Program program = Program.on(
                                broker.bootstrapServers(),
                                Map.of("database.url", postgres.url(), "database.user", postgres.user()))
                        .untilReady();
                Connection admin = DriverManager.getConnection(postgres.url(), postgres.user(), "")) {
            readOnly(admin, "on");
            for (int i = 0; i < 3; i++) {
                program.http().postJson("/order", ORDER.formatted("order-" + i));
                program.http().postForm("/send", "fromID=2&toID=1&message=m" + i);
            }

            await().untilAsserted(() -> assertThat(
                            program.management().get("/observe/health").body())
                    .contains("is read-only"));
            // Longer than all in-place attempts.
            await().during(java.time.Duration.ofSeconds(2))
                    .untilAsserted(() -> assertThat(program.records().lag("caravan-orders", "orders"))
                            .isEqualTo(3));
            // It may be a former primary with outdated data.
            assertThat(program.http().get("/order/order-0").status()).isEqualTo(503);

            readOnly(admin, "off");
            for (int i = 0; i < 3; i++) {
                String id = "order-" + i;
                await().untilAsserted(() ->
                        assertThat(program.http().get("/order/" + id).status()).isEqualTo(200));
            }
            await().untilAsserted(() -> assertThat(program.http()
                            .get("/notifications/1/count")
                            .json()
                            .path("total")
                            .asInt())
                    .isEqualTo(3));
            for (String topic :
                    new String[] {"orders-retry-1", "orders-dlq", "notifications-retry-1", "notifications-dlq"}) {
                assertThat(program.records().of(topic, record -> true))
                        .as(topic)
                        .isEmpty();
            }
            await().untilAsserted(() -> assertThat(
                            program.management().get("/observe/health").body())
                    .doesNotContain("is read-only"));
        }
    }

    private static void readOnly(Connection admin, String setting) throws Exception {
        try (Statement statement = admin.createStatement()) {
            statement.execute("SET transaction_read_only = off");
            statement.execute("ALTER SYSTEM SET default_transaction_read_only = " + setting);
            statement.execute("SELECT pg_reload_conf()");
        }
    }
}
