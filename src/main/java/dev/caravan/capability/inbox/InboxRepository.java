package dev.caravan.capability.inbox;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.reliability.Delivery;
import dev.caravan.platform.reliability.ReceiveRecord;
import dev.caravan.platform.sse.Streams;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Service;
import org.apache.camel.spi.OptimisticLockingAggregationRepository;
import org.apache.camel.support.DefaultExchange;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The aggregation repository that stores inboxes. A notification is one row and the aggregate is the inbox's total, so
 * the cost does not depend on the inbox size. SQL queries read the notifications.
 *
 * <p>A transaction's notifications are written just before it commits, while it holds the row locks of the inboxes. So
 * {@code seq} counts 1, 2, 3 … in each inbox in commit order: a reader that has seen a number never misses a smaller one.
 * All transactions lock inboxes in the same order, so they do not deadlock. Notifications that are rolled back to a
 * savepoint get no number.
 */
public final class InboxRepository extends ContextBean implements OptimisticLockingAggregationRepository, Service {

    private String stream;
    private JdbcTemplate jdbc;
    private TransactionTemplate transaction;

    @Override
    public Exchange add(CamelContext camelContext, String userId, Exchange inbox, Exchange added) {
        return add(camelContext, userId, added);
    }

    /** Joins the thread's transaction, or uses a new one. */
    @Override
    public Exchange add(CamelContext camelContext, String userId, Exchange added) {
        Map<?, ?> notification = added.getMessage().getBody(Map.class);
        Map<?, ?> from = (Map<?, ?>) notification.get("from");
        Map<?, ?> to = (Map<?, ?>) notification.get("to");
        long user = Long.parseLong(userId);
        Delivery delivery = added.getProperty(ReceiveRecord.DELIVERY, Delivery.class);
        Object[] row = {
            user,
            from.get("id"),
            from.get("name"),
            to.get("name"),
            notification.get("message"),
            delivery.messageId(),
            new Timestamp(delivery.originTime())
        };
        transaction.executeWithoutResult(status -> additions().orElseThrow().add(user, row));
        return null;
    }

    /** An exchange with the number of notifications in the inbox, or null if it is empty. */
    @Override
    public Exchange get(CamelContext camelContext, String userId) {
        long user = Long.parseLong(userId);
        long size =
                additions().map(pendingAdditions -> pendingAdditions.size(user)).orElseGet(() -> total(user));
        if (size == 0) {
            return null;
        }
        Exchange head = new DefaultExchange(camelContext);
        head.setProperty(Exchange.AGGREGATED_SIZE, (int) size);
        return head;
    }

    private long total(long user) {
        return jdbc.queryForList("SELECT total FROM inboxes WHERE user_id = ?", Long.class, user).stream()
                .findFirst()
                .orElse(0L);
    }

    /** The additions of the thread's transaction, if there is one. */
    private Optional<PendingAdditions> additions() {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            return Optional.empty();
        }
        return Optional.of(TransactionSynchronizationManager.getSynchronizations().stream()
                .filter(PendingAdditions.class::isInstance)
                .map(PendingAdditions.class::cast)
                .findFirst()
                .orElseGet(PendingAdditions::new));
    }

    /** The additions of one transaction. */
    private final class PendingAdditions implements TransactionSynchronization {

        private record Inbox(long before, List<Object[]> rows) {}

        /** Sorted by user, the order in which every transaction locks inboxes. */
        private final Map<Long, Inbox> inboxes = new TreeMap<>();

        /** The inbox of each added row, in insertion order. */
        private final List<Inbox> order = new ArrayList<>();

        private List<Long> changed = List.of();

        private final Map<Object, Integer> savepoints = new IdentityHashMap<>();

        PendingAdditions() {
            TransactionSynchronizationManager.registerSynchronization(this);
        }

        private Inbox inbox(long user) {
            return inboxes.computeIfAbsent(user, unknown -> new Inbox(total(user), new ArrayList<>()));
        }

        long size(long user) {
            Inbox inbox = inbox(user);
            return inbox.before() + inbox.rows().size();
        }

        void add(long user, Object[] row) {
            Inbox inbox = inbox(user);
            inbox.rows().add(row);
            order.add(inbox);
        }

        @Override
        public void savepoint(Object savepoint) {
            savepoints.put(savepoint, order.size());
        }

        /** A savepoint from before the first addition is unknown here. */
        @Override
        public void savepointRollback(Object savepoint) {
            List<Inbox> undone = order.subList(savepoints.getOrDefault(savepoint, 0), order.size());
            undone.forEach(inbox -> inbox.rows().remove(inbox.rows().size() - 1));
            undone.clear();
        }

        @Override
        public void beforeCommit(boolean readOnly) {
            List<Object[]> first = new ArrayList<>();
            List<Object[]> heads = new ArrayList<>();
            List<Object[]> rows = new ArrayList<>();
            inboxes.forEach((user, inbox) -> {
                int added = inbox.rows().size();
                if (added == 0) {
                    return;
                }
                if (inbox.before() == 0) {
                    first.add(new Object[] {user});
                }
                heads.add(new Object[] {added, added, added, user});
                for (int i = 0; i < added; i++) {
                    Object[] row = Arrays.copyOf(inbox.rows().get(i), 9);
                    row[7] = user;
                    row[8] = added - 1 - i;
                    rows.add(row);
                }
            });
            changed = heads.stream().map(head -> (Long) head[3]).toList();
            jdbc.batchUpdate(
                    "INSERT INTO inboxes (user_id, total, unread, seq) VALUES (?, 0, 0, 0) ON CONFLICT DO NOTHING",
                    first);
            jdbc.batchUpdate(
                    "UPDATE inboxes SET total = total + ?, unread = unread + ?, seq = seq + ? WHERE user_id = ?",
                    heads);
            jdbc.batchUpdate(
                    "INSERT INTO notifications (user_id, from_id, from_name, to_name, message, message_id, created_at, seq)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT seq FROM inboxes WHERE user_id = ?) - ?)",
                    rows);
        }

        @Override
        public void afterCommit() {
            if (stream != null) {
                bean(Streams.class).wake(stream, changed);
            }
        }
    }

    /** The path of the streams to wake up after a commit; null for none. */
    public void setStream(String stream) {
        this.stream = stream;
    }

    /** Does nothing: an inbox never completes. */
    @Override
    public void remove(CamelContext camelContext, String userId, Exchange inbox) {}

    @Override
    public void confirm(CamelContext camelContext, String exchangeId) {}

    @Override
    public Set<String> getKeys() {
        return jdbc.queryForList("SELECT user_id FROM inboxes", Long.class).stream()
                .map(String::valueOf)
                .collect(Collectors.toSet());
    }

    @Override
    public void start() {
        DataSource database = bean(DataSource.class);
        jdbc = new JdbcTemplate(database);
        transaction = new TransactionTemplate(new DataSourceTransactionManager(database));
    }

    @Override
    public void stop() {}
}
