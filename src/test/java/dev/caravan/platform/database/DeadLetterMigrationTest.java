package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.Postgres;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Rows of an earlier version. */
class DeadLetterMigrationTest {

    private static final String ROW = "INSERT INTO dead_letters (%s, dlq_partition, dlq_offset, died_at, key_text,"
            + " message_id, fingerprint, reason, exception, cause, retries, replays, payload_text, preview, headers)"
            + " VALUES ('%s', 1, %d, TIMESTAMP '2026-01-02 03:04:05', 'k', 'm', 'f', 'r', 'e', 'c', 0, 0, 't', 'p',"
            + " '{\"x-own\":\"kept\"}')";

    @Test
    void areMigratedOnH2() throws Exception {
        areMigrated(
                "jdbc:h2:mem:" + UUID.randomUUID() + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DB_CLOSE_DELAY=-1", "sa");
    }

    @Test
    void areMigratedOnPostgreSql(@TempDir Path folder) throws Exception {
        try (Postgres postgres = Postgres.start(folder)) {
            areMigrated(postgres.url(), postgres.user());
        }
    }

    private static void areMigrated(String url, String user) {
        try (Database database = new Database()) {
            database.setJdbcUrl(url);
            database.setUsername(user);
            database.schema().target("6").load().migrate();
            areMigrated(new JdbcTemplate(new DriverManagerDataSource(url, user, "")), new JdbcTemplate(database));
        }
    }

    private static void areMigrated(JdbcTemplate before, JdbcTemplate jdbc) {
        before.update(ROW.formatted("topic", "orders", 41));
        before.update(ROW.formatted("topic", "orders", 7));
        before.update("INSERT INTO dead_letter_replays (id, who, filter, last_id, wanted, matching)"
                + " VALUES ('r', 'w', '{}', 1, 1, 1)");

        assertThat(jdbc.queryForMap("SELECT * FROM dead_letter_offsets"))
                .containsEntry("dlq_topic", "orders-dlq")
                .containsEntry("dlq_partition", 1)
                .containsEntry("next_offset", 42L);
        assertThat(jdbc.queryForList("SELECT topic || ' ' || consumer FROM dead_letters", String.class))
                .containsOnly("orders orders");
        assertThat(jdbc.queryForObject(
                        "SELECT COUNT(*) FROM dead_letter_replays WHERE started_at IS NULL", Integer.class))
                .isZero();
        // Two consumers of one topic, each with its own dead-letter topic.
        jdbc.update(ROW.formatted("topic, dlq_topic", "orders', 'orders.billing-dlq", 41));
        assertThat(jdbc.update(
                        ROW.formatted("topic, dlq_topic", "orders', 'orders-dlq", 41) + " ON CONFLICT DO NOTHING"))
                .isZero();
    }
}
