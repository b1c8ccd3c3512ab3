package dev.caravan.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.platform.database.Database;
import dev.caravan.support.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.component.sql.SqlComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Runs the route that deletes expired rows on tables with up to two years of rows. */
@Timeout(300)
class RetentionTest {

    private static final int YEAR_OF_MINUTES = 365 * 24 * 60;

    private final List<DefaultCamelContext> instances = new ArrayList<>();
    private Database database;
    private JdbcTemplate jdbc;
    private Engine engine;

    private void open(Engine engine) {
        this.engine = engine;
        database = engine.database();
        jdbc = new JdbcTemplate(database);
        jdbc.setQueryTimeout(60);
        fill("processed_messages (consumer, topic, message_id, processed_at)", "'orders', 'orders', 'id-' || n, %s", 5);
        fill(
                "message_attempts (consumer, message_id, topic, retry_level, failed_at, processed_by, route, node, exception, reason,"
                        + " next_topic)",
                "'orders', 'id-' || n, 'orders', 0, %s, 'host', 'orders-process', 'node', 'exception', 'reason', 'orders-dlq'",
                60);
        fill("idempotency_keys (scope, idempotency_key, request, began_at)", "'orders', 'key-' || n, 'hash', %s", 60);
        for (String state : List.of("open", "replaying", "replayed", "discarded")) {
            fill(
                    "dead_letters (dlq_topic, dlq_partition, dlq_offset, died_at, key_text, message_id, fingerprint, reason,"
                            + " exception, cause, retries, replays, payload_text, preview, headers, state, state_at)",
                    "'" + state + "', 0, n, %s, '', 'id-' || n, '', '', '', '', 0, 0, '', '', '', '" + state + "', %s",
                    240);
        }
        fill("dead_letter_audit (who, action, at)", "'ann', 'replay', %s", 240);
        fill(
                "dead_letter_replays (id, who, filter, last_id, wanted, matching, ended_at, updated_at)",
                "'replay-' || n, 'ann', '', 0, 0, 0, %1$s, %1$s",
                240);
        fill(
                "operator_audit (who, via, instance, action, target, at)",
                "'ann', 'http', 'host', 'stop', 'orders', %s",
                240);
        fill(
                "webhook_attempts (endpoint_id, webhook_id, attempt, status, text, millis, at)",
                "'1', 'msg_' || n, 1, 200, '', 5, %s",
                240);
        fill(
                "webhook_deliveries (endpoint_id, webhook_id, payload, failed_at, created_at)",
                "'1', 'msg_' || n, '{}', %1$s, %1$s",
                240);
        for (int seconds : new int[] {-1, 300}) {
            jdbc.update(
                    "INSERT INTO stream_tickets VALUES (?, '/', 1, '', '', '', 0, ?)",
                    "ticket " + seconds,
                    System.currentTimeMillis() + seconds * 1000L);
        }
        jdbc.update("INSERT INTO comments (message_id, body, created_at) VALUES ('id-1', 'text', ?)", ago(3000));
    }

    /** Inserts one row per interval, from now to two years ago. */
    private void fill(String into, String values, int minutes) {
        String at = "CURRENT_TIMESTAMP - (n - 0.5) * INTERVAL '" + minutes + "' MINUTE";
        jdbc.update(
                "INSERT INTO " + into + " SELECT " + values.replace("%1$s", at).replace("%s", at) + " FROM "
                        + engine.series(2 * YEAR_OF_MINUTES / minutes) + " AS numbers(n)");
    }

    @AfterEach
    void close() throws Exception {
        for (DefaultCamelContext instance : instances) {
            instance.close();
        }
        database.close();
    }

    @ParameterizedTest
    @EnumSource
    void deletesExpiredRowsOfAYear(Engine engine) throws Exception {
        open(engine);

        startInstance();
        startInstance();

        await().untilAsserted(() -> {
            assertThat(rows("processed_messages")).isEqualTo(7 * 24 * 12);
            assertThat(rows("message_attempts")).isEqualTo(30 * 24);
            assertThat(rows("idempotency_keys")).isEqualTo(24);
            assertThat(rows("dead_letters WHERE state = 'replayed'")).isEqualTo(30 * 6);
            assertThat(rows("dead_letters WHERE state = 'discarded'")).isEqualTo(30 * 6);
            assertThat(rows("dead_letter_audit")).isEqualTo(365 * 6);
            assertThat(rows("dead_letter_replays")).isEqualTo(365 * 6);
            assertThat(rows("operator_audit")).isEqualTo(365 * 6);
            assertThat(rows("webhook_attempts")).isEqualTo(30 * 6);
            assertThat(rows("webhook_deliveries")).isEqualTo(30 * 6);
            assertThat(rows("stream_tickets")).isOne();
        });
        assertThat(rows("dead_letters WHERE state = 'open'")).isEqualTo(2 * 365 * 6);
        assertThat(rows("dead_letters WHERE state = 'replaying'")).isEqualTo(2 * 365 * 6);
        assertThat(rows("comments")).isEqualTo(1);
        assertThat(rows("processed_messages WHERE processed_at < ?", ago(7))).isZero();
    }

    @Test
    void everyTableHasARetentionOrIsExempt() throws Exception {
        database = Engine.H2.database();
        Set<String> kept = Set.of(
                // The users' data.
                "comments",
                "orders",
                "inboxes",
                "notifications",
                "webhook_endpoints",
                // One row per partition and version.
                "dead_letter_offsets",
                "flyway_schema_history");

        List<String> tables = new JdbcTemplate(database)
                .queryForList(
                        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'", String.class);

        String route = Files.readString(Path.of("src/main/resources/routes/retention.camel.yaml"));
        assertThat(tables).contains("orders").allSatisfy(table -> assertThat(
                        kept.contains(table) || route.contains("DELETE FROM " + table + " "))
                .as(table)
                .isTrue());
    }

    private long rows(String table, Object... parameters) {
        return jdbc.queryForObject("SELECT COUNT(*) FROM " + table, Long.class, parameters);
    }

    private static Timestamp ago(int days) {
        return Timestamp.from(Instant.now().minus(Duration.ofDays(days)));
    }

    private void startInstance() throws Exception {
        DefaultCamelContext instance = new DefaultCamelContext();
        instances.add(instance);
        Properties settings = new Properties();
        settings.setProperty("role.worker", "true");
        settings.setProperty("retention.delay", "0");
        settings.setProperty("retention.interval", "1h");
        settings.setProperty("retain.message.ids", "7d");
        settings.setProperty("retain.attempts", "30d");
        settings.setProperty("retain.dead.letters", "30d");
        settings.setProperty("retain.idempotency.keys", "24h");
        settings.setProperty("retain.audit", "365d");
        instance.getPropertiesComponent().setInitialProperties(settings);
        SqlComponent sql = new SqlComponent();
        sql.setDataSource(database);
        instance.addComponent("sql", sql);
        for (String file : List.of("policies", "retention")) {
            PluginHelper.getRoutesLoader(instance)
                    .loadRoutes(ResourceHelper.resolveResource(
                            instance, "file:" + Path.of("src/main/resources/routes", file + ".camel.yaml")));
        }
        instance.start();
    }
}
