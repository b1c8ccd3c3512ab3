package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.topics.Topics;
import dev.caravan.support.Postgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Messages processed by earlier versions count as processed by the topic's owner. */
class ConsumersMigrationIT {

    @TempDir
    private Path folder;

    @Test
    void migratesOnH2() throws Exception {
        migrates("jdbc:h2:mem:consumers;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DB_CLOSE_DELAY=-1", "sa");
    }

    @Test
    void migratesOnPostgreSql() throws Exception {
        try (Postgres postgres = Postgres.start(folder)) {
            migrates(postgres.url(), postgres.user());
        }
    }

    private static void migrates(String url, String user) throws Exception {
        try (Database database = new Database();
                DefaultCamelContext context =
                        context(Map.of("orders.topic", "bestellungen", "events.topic", "events"))) {
            database.setCamelContext(context);
            database.setJdbcUrl(url);
            database.setUsername(user);
            database.schema().target("6").load().migrate();
            JdbcTemplate before = new JdbcTemplate(new DriverManagerDataSource(url, user, ""));
            before.batchUpdate(
                    "INSERT INTO processed_messages (topic, message_id, record_partition, record_offset, published_at) VALUES"
                            + " ('bestellungen', 'a', 1, 7, TIMESTAMP WITH TIME ZONE '2026-01-02 03:04:05.678+00'),"
                            + " ('orders', 'a', 0, 3, TIMESTAMP WITH TIME ZONE '2026-01-02 03:04:05.678+00'),"
                            + " ('events', 'events/2/9', 2, 9, TIMESTAMP WITH TIME ZONE '2026-01-02 03:04:05.678+00'),"
                            + " ('gone', 'b', NULL, NULL, NULL)",
                    "INSERT INTO orders (id, user_id, total, status, placed_at, payload, message_id, record_time,"
                            + " record_offset) VALUES ('o', 'u', 1, 's', CURRENT_TIMESTAMP, '{}', 'a', 1, 7)",
                    "INSERT INTO message_attempts (message_id, topic, retry_level, failed_at, processed_by, route, node,"
                            + " exception, reason, next_topic) VALUES"
                            + " ('a', 'bestellungen', 0, CURRENT_TIMESTAMP, 'i', 'r', 'n', 'e', 'r', 'bestellungen-retry-1')");

            JdbcTemplate after = new JdbcTemplate(database);

            assertThat(after.query(
                            "SELECT consumer, topic, message_id FROM processed_messages ORDER BY consumer, topic",
                            (row, n) -> List.of(row.getString(1), row.getString(2), row.getString(3))))
                    .containsExactly(
                            List.of("events", "events", "events/2/9/1767323045678"),
                            List.of("gone", "gone", "b"),
                            List.of("orders", "bestellungen", "a"),
                            List.of("orders", "orders", "a"));
            assertThat(after.queryForObject("SELECT consumer FROM message_attempts", String.class))
                    .isEqualTo("orders");
            assertThat(after.queryForObject("SELECT record_partition FROM orders", Integer.class))
                    .isEqualTo(1);
        }
    }

    private static DefaultCamelContext context(Map<String, String> settings) {
        Properties properties = new Properties();
        properties.putAll(settings);
        DefaultCamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setInitialProperties(properties);
        Topics topics = new Topics();
        topics.setCamelContext(context);
        context.getRegistry().bind("topics", topics);
        return context;
    }
}
