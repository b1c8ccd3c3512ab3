package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Records.Written;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spi.RouteController;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;

/** Mistakes that Camel's defaults would make. */
@ExtendWith(CaravanExtension.class)
class TrapsIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"u\",\"total\":1,\"status\":\"s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    private final String id = UUID.randomUUID().toString();

    @Test
    void aHundredInvalidRecordsCauseNoStallAndNoRebalance(Program program) {
        // Given a consumer that has joined its group
        program.records().write("orders", id, bytes(ORDER.formatted(id + "-first")), Map.of());
        await().untilAsserted(() -> assertThat(
                        program.http().get("/order/" + id + "-first").status())
                .isEqualTo(200));
        Map<String, Object> before = rebalances("caravan-orders");

        // When
        for (int i = 0; i < 100; i++) {
            program.records().write("orders", id, bytes("no JSON"), Map.of("MessageID", id + "-" + i));
        }
        program.records().write("orders", id, bytes(ORDER.formatted(id)), Map.of());

        // Then
        await().untilAsserted(() ->
                assertThat(program.http().get("/order/" + id).status()).isEqualTo(200));
        await().untilAsserted(() -> assertThat(program.records().of("orders-dlq", dead -> id.equals(dead.key())))
                .hasSize(100));
        assertThat(before).isNotEmpty();
        assertThat(rebalances("caravan-orders")).isEqualTo(before);
    }

    @Test
    void recordHeadersAreKeptButNotActedOn(Program program) {
        Map<String, String> hostile = Map.of(
                "kafka.OVERRIDE_TOPIC", "events",
                "KAFKA.override_topic", "events",
                "kafka.KEY", "injected",
                "kafka.PARTITION_KEY", "0",
                "kafka.OVERRIDE_TIMESTAMP", "1",
                "CamelKafkaTopic", "events",
                "cAMELsQLqUERY", "SELECT 1",
                "topic", "events",
                "nextTopic", "events");
        Map<String, String> headers = new TreeMap<>(hostile);
        headers.put("MessageID", id);
        headers.put("x-own", "Grüße, 世界");
        headers.put("x-number", "7");

        program.records().write("orders", "k1", bytes("no JSON"), headers);

        await().untilAsserted(() ->
                assertThat(program.records().withMessageId("orders-dlq", id)).hasSize(1));
        Written dead = program.records().withMessageId("orders-dlq", id).get(0);
        assertThat(dead.key()).isEqualTo("k1");
        assertThat(dead.headers())
                .contains(entry("x-own", "Grüße, 世界"), entry("x-number", "7"))
                .doesNotContainKeys("kafka.OVERRIDE_TOPIC", "KAFKA.override_topic", "kafka.KEY", "cAMELsQLqUERY");
        assertThat(program.records().withMessageId("events", id)).isEmpty();
    }

    @Test
    void aFailedInboxUpdateRollsBackTheRowAndTheMessageId(Program program) {
        JdbcTemplate database =
                new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
        int user = 4711;
        byte[] notification = notification(user, "hi");
        // The row is inserted, then the update of the inbox fails.
        database.execute("ALTER TABLE inboxes ADD CONSTRAINT full_inbox CHECK (user_id <> 4711)");
        try {
            program.records().write("notifications", "4711", notification, Map.of("MessageID", id));

            await().untilAsserted(() -> assertThat(program.records().withMessageId("notifications-dlq", id))
                    .singleElement()
                    .satisfies(dead -> assertThat(dead.value()).isEqualTo(notification)));
            assertThat(count(database, "notifications", "user_id", user)).isZero();
            // Other consumers of the topic have processed it.
            assertThat(database.queryForList(
                            "SELECT consumer FROM processed_messages WHERE message_id = ?", String.class, id))
                    .doesNotContain("notifications");
        } finally {
            database.execute("ALTER TABLE inboxes DROP CONSTRAINT full_inbox");
        }
    }

    /** Camel chooses the error policy by the innermost cause, which must not be that of the failed commit. */
    @Test
    void aRecordBehindALostTransactionDoesNotWaitForTheDatabase(Program program) throws Exception {
        DataSource database = program.caravan().context().getRegistry().findSingleByType(DataSource.class);
        JdbcTemplate jdbc = new JdbcTemplate(database);
        RouteController routes = program.caravan().context().getRouteController();
        jdbc.execute("CREATE ALIAS passes FOR '" + ConnectionCut.class.getName() + ".passes'");
        jdbc.execute("ALTER TABLE comments ADD CONSTRAINT cuts CHECK passes(body)");
        try {
            // Given two records of one poll
            routes.stopRoute("comments-consume");
            program.records().write("comments", "4712", bytes("{\"text\":\"first\"}"), Map.of("MessageID", id));
            String second = "{\"text\":\"" + ConnectionCut.TEXT + "\"}";
            program.records().write("comments", "4712", bytes(second), Map.of("MessageID", id + "-2"));

            // When the database closes the connection during the second insert
            ConnectionCut.NEXT.set(database);
            routes.startRoute("comments-consume");

            // Then
            await().until(() -> count(jdbc, "comments", "message_id", id) == 1
                    && count(jdbc, "comments", "message_id", id + "-2") == 1);
            assertThat(ConnectionCut.NEXT).as("connection not closed yet").hasNullValue();
        } finally {
            jdbc.execute("ALTER TABLE comments DROP CONSTRAINT cuts");
            jdbc.execute("DROP ALIAS passes");
        }
    }

    /** A CHECK constraint of H2, evaluated for each inserted comment. */
    public static final class ConnectionCut {

        private static final String TEXT = "the connection ends here";
        private static final AtomicReference<DataSource> NEXT = new AtomicReference<>();

        private ConnectionCut() {}

        /** Closes the connection that inserts this text, once. */
        public static boolean passes(Connection inserting, String body) throws SQLException {
            DataSource database = body.equals(TEXT) ? NEXT.getAndSet(null) : null;
            if (database != null) {
                try (Connection other = database.getConnection();
                        PreparedStatement abort = other.prepareStatement("CALL ABORT_SESSION(?)");
                        ResultSet session = inserting.createStatement().executeQuery("CALL SESSION_ID()")) {
                    session.next();
                    abort.setInt(1, session.getInt(1));
                    abort.execute();
                }
            }
            return true;
        }
    }

    private static byte[] notification(int user, String message) {
        return bytes("{\"from\":{\"id\":1,\"name\":\"Micho\"},\"to\":{\"id\":%d,\"name\":\"Full\"},\"message\":\"%s\"}"
                .formatted(user, message));
    }

    @Test
    void aListIsPublishedAsOneRecordOrRejected(Program program) throws Exception {
        CamelContext context = program.caravan().context();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:list")
                        .routeConfigurationId("plain")
                        .policy("publishing")
                        .to("kafka:{{events.topic}}");
            }
        });
        ProducerTemplate template = context.createProducerTemplate();
        for (List<byte[]> list : List.of(List.<byte[]>of(), List.of(bytes("a"), bytes("b")))) {
            String messageId = id + list.size();

            Exchange published = template.request("direct:list", exchange -> {
                exchange.getMessage().setHeader("MessageID", messageId);
                exchange.getMessage().setBody(list);
            });

            assertThat(program.records().withMessageId("events", messageId))
                    .as("records of a list of %s", list.size())
                    .hasSize(published.isFailed() ? 0 : 1);
        }
    }

    /** Client → number of rebalances. A consumer that reconnects is another client. */
    private static Map<String, Object> rebalances(String group) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        Map<String, Object> totals = new TreeMap<>();
        try {
            for (ObjectName client : server.queryNames(
                    new ObjectName(
                            "kafka.consumer:type=consumer-coordinator-metrics,client-id=consumer-" + group + "-*"),
                    null)) {
                totals.put(client.getKeyProperty("client-id"), server.getAttribute(client, "rebalance-total"));
            }
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
        return totals;
    }

    private static int count(JdbcTemplate database, String table, String column, Object value) {
        return database.queryForObject(
                "SELECT COUNT(*) FROM " + table + " WHERE " + column + " = ?", Integer.class, value);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
