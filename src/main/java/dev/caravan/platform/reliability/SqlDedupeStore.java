package dev.caravan.platform.reliability;

import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Stores a MessageID as a row in the transaction of its effect, so both are equally durable. The row also holds the
 * position of the message and the instance that processed it.
 *
 * <p>A transaction queries all MessageIDs of its poll once, and writes the new ones just before it commits. If another
 * process has written one of them meanwhile, the unique key fails the commit, and no effect of the transaction remains.
 */
final class SqlDedupeStore implements DedupeStore {

    private static final int KEY_LENGTH = 255;

    private final JdbcTemplate jdbc;
    private final String instance;
    private final Supplier<? extends Collection<String>> polled;

    /** @param polled the MessageIDs of the poll that the current thread processes */
    SqlDedupeStore(DataSource dataSource, String instance, Supplier<? extends Collection<String>> polled) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.instance = instance;
        this.polled = polled;
    }

    @Override
    public boolean add(Delivery delivery) {
        SeenMessages seen = (SeenMessages) TransactionSynchronizationManager.getResource(this);
        return (seen == null ? new SeenMessages() : seen).add(delivery);
    }

    @Override
    public void forget(Delivery delivery) {
        SeenMessages seen = (SeenMessages) TransactionSynchronizationManager.getResource(this);
        if (seen != null) {
            seen.added.remove(id(delivery));
        }
    }

    private record Id(String consumer, String messageId) {}

    private static Id id(Delivery delivery) {
        return new Id(delivery.source().consumer().name(), delivery.messageId());
    }

    /** The messages of one transaction. */
    private final class SeenMessages implements TransactionSynchronization {

        private final Set<Id> queried = new HashSet<>();
        private final Set<Id> processed = new HashSet<>();
        private final Map<Id, Delivery> added = new LinkedHashMap<>();

        SeenMessages() {
            TransactionSynchronizationManager.registerSynchronization(this);
            TransactionSynchronizationManager.bindResource(SqlDedupeStore.this, this);
        }

        boolean add(Delivery delivery) {
            Id id = id(delivery);
            if (!queried.contains(id)) {
                query(id);
            }
            return !processed.contains(id) && added.putIfAbsent(id, delivery) == null;
        }

        private void query(Id first) {
            Set<String> messageIds = new HashSet<>(queried.isEmpty() ? polled.get() : List.of());
            messageIds.add(first.messageId());
            messageIds.forEach(each -> queried.add(new Id(first.consumer(), each)));
            // Not a join, because PostgreSQL then reads all rows of the consumer until the table is analyzed; nor IN or
            // ANY, because H2 uses the index, whose second column is the MessageID, for single values only.
            jdbc.query(
                    "SELECT polled.id FROM UNNEST(CAST(? AS VARCHAR ARRAY)) polled(id) WHERE (SELECT COUNT(*)"
                            + " FROM processed_messages p WHERE p.consumer = ? AND p.message_id = polled.id) > 0",
                    statement -> {
                        statement.setArray(1, statement.getConnection().createArrayOf("VARCHAR", messageIds.toArray()));
                        statement.setString(2, first.consumer());
                    },
                    row -> {
                        processed.add(new Id(first.consumer(), row.getString(1)));
                    });
        }

        @Override
        public void beforeCommit(boolean readOnly) {
            jdbc.batchUpdate(
                    "INSERT INTO processed_messages (consumer, message_id, topic, record_partition, record_offset,"
                            + " record_key, published_at, processed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    added.values().stream()
                            .map(each -> new Object[] {
                                each.source().consumer().name(),
                                each.messageId(),
                                each.source().origin(),
                                each.originPartition(),
                                each.originOffset(),
                                text(each.key()),
                                new Timestamp(each.originTime()),
                                instance
                            })
                            .toList());
        }

        @Override
        public void afterCompletion(int status) {
            TransactionSynchronizationManager.unbindResource(SqlDedupeStore.this);
        }
    }

    /** Null for a key that is too long: a truncated one could equal another key. */
    private static String text(byte[] key) {
        if (key == null) {
            return null;
        }
        String text = new String(key, StandardCharsets.UTF_8);
        return text.length() > KEY_LENGTH || text.indexOf('\0') >= 0 ? null : text;
    }
}
