package dev.caravan.capability.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.platform.database.Database;
import dev.caravan.platform.reliability.ConsumerTransaction;
import dev.caravan.platform.reliability.Delivery;
import dev.caravan.platform.reliability.ReceiveRecord;
import dev.caravan.platform.reliability.SavepointPolicy;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class InboxRepositoryTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Database dataSource = new Database();
    private final JdbcTemplate database = new JdbcTemplate(dataSource);
    private final ConsumerTransaction consumerTransaction = new ConsumerTransaction();
    private final InboxRepository inboxes = new InboxRepository();

    @BeforeEach
    void start() {
        dataSource.setJdbcUrl(
                "jdbc:h2:mem:" + UUID.randomUUID() + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DB_CLOSE_DELAY=-1");
        context.getRegistry().bind("dataSource", dataSource);
        consumerTransaction.setCamelContext(context);
        consumerTransaction.setInterval("1m");
        context.getRegistry().bind("consumerTransaction", consumerTransaction);
        inboxes.setCamelContext(context);
        inboxes.start();
    }

    @AfterEach
    void stop() throws Exception {
        dataSource.close();
        context.close();
    }

    @Test
    void costOfAddingDoesNotDependOnInboxSize() throws Exception {
        for (int i = 0; i < 500; i++) {
            add(i);
        }
        database.execute("SET QUERY_STATISTICS TRUE");

        effect(() -> add(500));
        consumerTransaction.commitOrRewind();

        assertThat(database.queryForObject("SELECT COUNT(*) FROM notifications", Integer.class))
                .isEqualTo(501);
        assertThat(touched())
                .as("rows that each statement wrote or read")
                .allSatisfy((statement, rows) -> assertThat(rows).as(statement).isLessThanOrEqualTo(1));
    }

    @Test
    void gettingAnInboxReadsOneRow() {
        for (int i = 0; i < 500; i++) {
            add(i);
        }
        database.execute("SET QUERY_STATISTICS TRUE");

        Exchange head = inboxes.get(context, "1");

        assertThat(head.getProperty(Exchange.AGGREGATED_SIZE)).isEqualTo(500);
        assertThat(head.getMessage().getBody()).isNull();
        assertThat(touched().values()).allSatisfy(rows -> assertThat(rows).isLessThanOrEqualTo(1));
        assertThat(inboxes.get(context, "2")).isNull();
    }

    @Test
    void updatesTheTotalOncePerBatch() throws Exception {
        add(0);
        database.execute("SET QUERY_STATISTICS TRUE");
        for (int i = 1; i <= 20; i++) {
            int number = i;
            effect(() -> add(number));
        }
        assertThat(inboxes.get(context, "1").getProperty(Exchange.AGGREGATED_SIZE))
                .as("the head within the batch")
                .isEqualTo(21);

        consumerTransaction.commitOrRewind();

        assertThat(head()).isEqualTo(Map.of("total", 21L, "unread", 21L));
        assertThat(executed("UPDATE inboxes")).isEqualTo(1);
        assertThat(executed("SELECT total FROM")).isEqualTo(1);
    }

    @Test
    void rolledBackNotificationsAreNotCounted() throws Exception {
        failAfterAdding();
        effect(() -> add(0));
        failAfterAdding();
        effect(() -> add(2));

        consumerTransaction.commitOrRewind();

        assertThat(head()).isEqualTo(Map.of("total", 2L, "unread", 2L));
        assertThat(database.queryForList("SELECT message FROM notifications", String.class))
                .containsExactly("message 0", "message 2");
    }

    private void failAfterAdding() {
        assertThatThrownBy(() -> effect(() -> {
                    add(1);
                    throw new IllegalStateException("a later step");
                }))
                .hasMessage("a later step");
    }

    @Test
    void failedBatchIsRolledBackCompletely() throws Exception {
        database.execute("ALTER TABLE notifications ADD CONSTRAINT refuses CHECK (user_id <> 4711)");
        effect(() -> add(0));
        effect(() -> add(4711, 1));
        effect(() -> add(2));

        consumerTransaction.commitOrRewind();

        assertThat(database.queryForList("SELECT message FROM notifications", String.class))
                .isEmpty();
    }

    private Map<String, Object> head() {
        return database.queryForMap("SELECT total, unread FROM inboxes WHERE user_id = 1");
    }

    private long executed(String statement) {
        return database.queryForObject(
                "SELECT SUM(execution_count) FROM information_schema.query_statistics WHERE sql_statement LIKE ?",
                Long.class,
                statement + "%");
    }

    /** Like the policy around the steps of a route. */
    private void effect(Runnable steps) throws Exception {
        SavepointPolicy policy = new SavepointPolicy();
        policy.setCamelContext(context);
        policy.beforeWrap(null, null);
        Exchange exchange = new DefaultExchange(context);
        policy.wrap(null, each -> steps.run()).process(exchange);
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
    }

    /** Like the aggregator: gets the aggregate, then adds the notification. */
    private void add(int number) {
        add(1, number);
    }

    private void add(long user, int number) {
        String key = String.valueOf(user);
        Exchange added = notification(context, user, "message " + number, "id-" + number);
        inboxes.add(context, key, inboxes.get(context, key), added);
    }

    static Exchange notification(CamelContext context, long user, String message, String messageId) {
        Exchange notification = new DefaultExchange(context);
        notification
                .getMessage()
                .setBody(Map.of(
                        "from", Map.of("id", 2, "name", "Tito"),
                        "to", Map.of("id", user, "name", "Micho"),
                        "message", message));
        notification.setProperty(
                ReceiveRecord.DELIVERY,
                new Delivery(
                        new Topics.Source("notifications", TopicConsumer.owner("notifications", "notifications"), 0),
                        0,
                        0,
                        0,
                        0,
                        0,
                        null,
                        0,
                        null,
                        messageId,
                        0,
                        null));
        return notification;
    }

    private Map<String, Long> touched() {
        List<Map<String, Object>> statistics =
                database.queryForList("SELECT sql_statement AS \"statement\", cumulative_row_count AS \"rows\" FROM"
                        + " information_schema.query_statistics WHERE sql_statement LIKE '%inbox%' OR sql_statement LIKE"
                        + " '%notifications%'");
        assertThat(statistics).isNotEmpty();
        return statistics.stream()
                .filter(each -> !each.get("statement").toString().contains("COUNT(*)"))
                .collect(Collectors.toMap(
                        each -> each.get("statement").toString(),
                        each -> ((Number) each.get("rows")).longValue(),
                        Long::sum));
    }
}
