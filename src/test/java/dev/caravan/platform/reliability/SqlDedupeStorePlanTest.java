package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.database.Database;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import dev.caravan.support.Engine;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** PostgreSQL keeps a plan made for an empty table until the table is analyzed, a minute or more later. */
class SqlDedupeStorePlanTest {

    private static final List<String> POLLED =
            IntStream.range(0, 10).mapToObj(n -> "polled-" + n).toList();

    private final Database database = Engine.POSTGRESQL.database();
    private final JdbcTemplate jdbc = new JdbcTemplate(database);
    private final TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(database));
    private final SqlDedupeStore store = new SqlDedupeStore(database, "here", () -> POLLED);

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void readsOnlyTheRowsOfThePoll() {
        jdbc.execute("ALTER TABLE processed_messages SET (autovacuum_enabled = false)");
        IntStream.range(0, 20).forEach(each -> lookUp());
        jdbc.update("INSERT INTO processed_messages (consumer, message_id, topic)"
                + " SELECT 'orders', 'id-' || n, 'orders' FROM " + Engine.POSTGRESQL.series(10_000) + " AS numbers(n)");
        long before = rowsRead();

        lookUp();

        assertThat(rowsRead() - before).isLessThan(100);
    }

    private void lookUp() {
        transaction.executeWithoutResult(status -> {
            status.setRollbackOnly();
            Topics.Source orders = new Topics.Source("orders", TopicConsumer.owner("orders", "orders"), 0);
            store.add(new Delivery(orders, 0, 0, 0, 0, 0, null, 0, null, POLLED.get(0), 0, null));
            jdbc.execute("SELECT pg_stat_force_next_flush()");
        });
    }

    private long rowsRead() {
        return jdbc.queryForObject(
                "SELECT SUM(idx_tup_read) + (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname ="
                        + " 'processed_messages') FROM pg_stat_user_indexes WHERE relname = 'processed_messages'",
                Long.class);
    }
}
