package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Postgres;
import java.nio.file.Path;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.camel.spi.RouteController;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** PostgreSQL rejects the statement of a record or, with a deferred constraint, the COMMIT. */
class DeferredConstraintIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"%s\",\"total\":1,\"status\":\"s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"NOT DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"})
    void onlyTheRejectedRecordIsDeadLettered(String deferrable) throws Exception {
        try (Postgres postgres = Postgres.start(folder.resolve("postgres"));
                EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
                Program program = Program.on(
                                broker.bootstrapServers(),
                                Map.of("database.url", postgres.url(), "database.user", postgres.user()))
                        .untilReady()) {
            JdbcTemplate jdbc =
                    new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
            jdbc.execute("CREATE TABLE buyers (id VARCHAR(255) PRIMARY KEY)");
            jdbc.execute("INSERT INTO buyers VALUES ('known')");
            jdbc.execute("ALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (user_id) REFERENCES buyers (id) "
                    + deferrable);
            RouteController routes = program.caravan().context().getRouteController();
            routes.stopRoute("orders-consume");
            for (int i = 0; i < 20; i++) {
                program.records()
                        .write(
                                "orders",
                                "key",
                                ORDER.formatted("order-" + i, i == 7 ? "unknown" : "known")
                                        .getBytes(),
                                Map.of("MessageID", "message-" + i));
            }

            routes.startRoute("orders-consume");

            await().untilAsserted(() -> assertThat(jdbc.queryForObject("SELECT COUNT(*) FROM orders", Integer.class))
                    .isEqualTo(19));
            await().untilAsserted(() -> assertThat(program.records().of("orders-dlq", record -> true))
                    .extracting(dead -> dead.headers().get("MessageID"))
                    .containsExactly("message-7"));
            await().untilAsserted(() -> assertThat(program.records().lag("caravan-orders", "orders"))
                    .isZero());
            assertThat(program.records().withMessageId("orders-dlq", "message-7"))
                    .singleElement()
                    .satisfies(dead ->
                            assertThat(dead.headers().get("dead-letter-cause")).contains("buyer"));
            assertThat(jdbc.queryForObject("SELECT COUNT(*) FROM processed_messages", Integer.class))
                    .isEqualTo(19);
        }
    }
}
