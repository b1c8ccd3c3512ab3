package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.util.List;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class SqlDedupeStoreTest {

    private final JdbcDataSource database = new JdbcDataSource();
    private final JdbcTemplate jdbc = new JdbcTemplate(database);
    private final TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(database));
    private List<String> polled = List.of();
    private final SqlDedupeStore store = new SqlDedupeStore(database, "here", () -> polled);

    @BeforeEach
    void createTable() {
        database.setURL("jdbc:h2:mem:dedupe;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DB_CLOSE_DELAY=-1");
        jdbc.execute(
                "CREATE TABLE processed_messages (consumer VARCHAR(99), message_id VARCHAR(99), topic VARCHAR(99),"
                        + " record_partition INTEGER, record_offset BIGINT, record_key VARCHAR(255),"
                        + " published_at TIMESTAMP WITH TIME ZONE, processed_by VARCHAR(99), PRIMARY KEY (consumer, message_id))");
    }

    @AfterEach
    void drop() {
        jdbc.execute("DROP ALL OBJECTS");
    }

    @Test
    void aMessageIsNewOnceWithinAndAfterATransaction() {
        transaction.executeWithoutResult(status -> {
            assertThat(store.add(message("orders", "1"))).isTrue();
            assertThat(store.add(message("orders", "1"))).isFalse();
            assertThat(store.add(message("comments", "1"))).isTrue();
        });

        transaction.executeWithoutResult(
                status -> assertThat(store.add(message("orders", "1"))).isFalse());
    }

    @Test
    void queriesThePollOnceAndWritesOnlyAddedMessages() {
        transaction.executeWithoutResult(status -> store.add(message("orders", "2")));
        polled = List.of("1", "2", "3", "4");
        jdbc.execute("SET QUERY_STATISTICS TRUE");

        transaction.executeWithoutResult(status -> {
            assertThat(store.add(message("orders", "1"))).isTrue();
            assertThat(store.add(message("orders", "2"))).isFalse();
            assertThat(store.add(message("orders", "3"))).isTrue();
        });

        assertThat(ids()).containsExactly("1", "2", "3");
        assertThat(jdbc.queryForObject(
                        "SELECT SUM(execution_count) FROM information_schema.query_statistics WHERE sql_statement LIKE"
                                + " 'SELECT polled.id%'",
                        Long.class))
                .isEqualTo(1);
    }

    @Test
    void aForgottenMessageIsNewAgain() {
        transaction.executeWithoutResult(status -> {
            store.add(message("orders", "1"));
            store.forget(message("orders", "1"));
        });
        assertThat(ids()).isEmpty();

        transaction.executeWithoutResult(status -> {
            store.add(message("orders", "1"));
            status.setRollbackOnly();
        });

        transaction.executeWithoutResult(
                status -> assertThat(store.add(message("orders", "1"))).isTrue());
    }

    @Test
    void aMessageWrittenByAnotherProcessFailsTheCommit() {
        assertThatExceptionOfType(DuplicateKeyException.class)
                .isThrownBy(() -> transaction.executeWithoutResult(status -> {
                    store.add(message("orders", "1"));
                    commitElsewhere("1");
                }));

        transaction.executeWithoutResult(
                status -> assertThat(store.add(message("orders", "1"))).isFalse());
    }

    private void commitElsewhere(String messageId) {
        try (var other = database.getConnection();
                var insert = other.prepareStatement(
                        "INSERT INTO processed_messages (consumer, message_id) VALUES ('orders', ?)")) {
            insert.setString(1, messageId);
            insert.executeUpdate();
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> ids() {
        return jdbc.queryForList("SELECT message_id FROM processed_messages ORDER BY message_id", String.class);
    }

    private static Delivery message(String consumer, String messageId) {
        return new Delivery(
                new Topics.Source(consumer, TopicConsumer.owner(consumer, consumer), 0),
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
                null);
    }
}
