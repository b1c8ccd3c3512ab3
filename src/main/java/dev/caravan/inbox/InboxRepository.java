package dev.caravan.inbox;

import dev.caravan.context.InContext;
import dev.caravan.reliability.Delivery;
import dev.caravan.reliability.Received;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * costs more in a full inbox than in an empty one; the notifications themselves are read by SQL.
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
        int counted = jdbc.update("UPDATE inboxes SET total = total + 1, unread = unread + 1 WHERE user_id = ?", user);
        if (counted == 0) {
            jdbc.update("INSERT INTO inboxes (user_id, total, unread) VALUES (?, 1, 1)", user);
        }
        return null;
    }

    /** The head: an exchange that holds how many notifications the inbox has, or null when it has none. */
    @Override
    public Exchange get(CamelContext camelContext, String userId) {
        List<Integer> total =
                jdbc.queryForList("SELECT total FROM inboxes WHERE user_id = ?", Integer.class, Long.parseLong(userId));
        if (total.isEmpty()) {
            return null;
        }
        Exchange head = new DefaultExchange(camelContext);
        head.setProperty(Exchange.AGGREGATED_SIZE, total.get(0));
        return head;
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
