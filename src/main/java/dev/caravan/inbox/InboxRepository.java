package dev.caravan.inbox;

import dev.caravan.context.InContext;
import dev.caravan.reliability.Batch;
import dev.caravan.reliability.Delivery;
import dev.caravan.reliability.Received;
import java.util.ArrayList;
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

/**
 * The inboxes as the aggregator's repository. What is added is one row, and what is got is the inbox's head, so neither
 * costs more in a full inbox than in an empty one; the notifications themselves are read by SQL. What a {@link Batch} adds to an
 * inbox is counted in its head once, when the batch is committed.
 *
 * <p>{@link #add} takes part in the transaction of the thread that calls it. Two workers may add to one inbox at once: the
 * database counts, so there is nothing to lock here and no {@code OptimisticLockingException} is ever thrown.
 */
public final class InboxRepository extends InContext implements OptimisticLockingAggregationRepository, Service {

    private JdbcTemplate jdbc;

    @Override
    public Exchange add(CamelContext camelContext, String userId, Exchange inbox, Exchange added) {
        return add(camelContext, userId, added);
    }

    @Override
    public Exchange add(CamelContext camelContext, String userId, Exchange added) {
        Map<?, ?> notification = added.getMessage().getBody(Map.class);
        Map<?, ?> from = (Map<?, ?>) notification.get("from");
        Map<?, ?> to = (Map<?, ?>) notification.get("to");
        long user = Long.parseLong(userId);
        jdbc.update(
                "INSERT INTO notifications (user_id, from_id, from_name, to_name, message, message_id)"
                        + " VALUES (?, ?, ?, ?, ?, ?)",
                user,
                from.get("id"),
                from.get("name"),
                to.get("name"),
                notification.get("message"),
                added.getProperty(Received.DELIVERY, Delivery.class).messageId());
        heads().ifPresentOrElse(heads -> heads.add(user), () -> count(user, 1));
        return null;
    }

    private void count(long user, int added) {
        int counted = jdbc.update(
                "UPDATE inboxes SET total = total + ?, unread = unread + ? WHERE user_id = ?", added, added, user);
        if (counted == 0) {
            jdbc.update("INSERT INTO inboxes (user_id, total, unread) VALUES (?, ?, ?)", user, added, added);
        }
    }

    /** The head: an exchange that holds how many notifications the inbox has, or null when it has none. */
    @Override
    public Exchange get(CamelContext camelContext, String userId) {
        long user = Long.parseLong(userId);
        int total = heads().map(heads -> heads.of(user).total()).orElseGet(() -> total(user));
        if (total == 0) {
            return null;
        }
        Exchange head = new DefaultExchange(camelContext);
        head.setProperty(Exchange.AGGREGATED_SIZE, total);
        return head;
    }

    private int total(long user) {
        return jdbc.queryForList("SELECT total FROM inboxes WHERE user_id = ?", Integer.class, user).stream()
                .findFirst()
                .orElse(0);
    }

    private Optional<Heads> heads() {
        return bean(Batch.class).shared(Heads.class, Heads::new);
    }

    private static final class Head {
        private final int before;
        private int added;

        Head(int before) {
            this.before = before;
        }

        int total() {
            return before + added;
        }
    }

    /** Of the inboxes to which a batch adds. */
    private final class Heads implements Batch.Shared {

        /** In the order in which every batch writes them, so that no two wait for each other. */
        private final Map<Long, Head> heads = new TreeMap<>();

        private final List<Head> sinceMark = new ArrayList<>();

        Head of(long user) {
            return heads.computeIfAbsent(user, unknown -> new Head(total(user)));
        }

        void add(long user) {
            Head head = of(user);
            head.added++;
            sinceMark.add(head);
        }

        @Override
        public void mark() {
            sinceMark.clear();
        }

        @Override
        public void back() {
            sinceMark.forEach(head -> head.added--);
            sinceMark.clear();
        }

        @Override
        public void write() {
            heads.forEach((user, head) -> {
                if (head.added > 0) {
                    count(user, head.added);
                }
            });
        }
    }

    /** An inbox is never complete: nothing is taken out of it. */
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
        jdbc = new JdbcTemplate(bean(DataSource.class));
    }

    @Override
    public void stop() {}
}
