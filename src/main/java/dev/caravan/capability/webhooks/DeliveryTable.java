package dev.caravan.capability.webhooks;

import dev.caravan.capability.webhooks.WebhookClient.Answer;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The tables of deliveries and attempts. A delivery is claimed before its attempt, and the result is stored after it. If the
 * instance dies in between, the delivery is attempted again. Several instances may use the tables at once.
 */
final class DeliveryTable {

    record Endpoint(String id, String url, List<String> secrets, int failures, Instant failingSince) {}

    record Delivery(Endpoint endpoint, long id, String webhookId, String payload, int attempts, Instant createdAt) {

        int nextAttempt() {
            return attempts + 1;
        }
    }

    record Attempt(Delivery delivery, Instant began, Instant ended, Answer answer) {}

    /** Called in the transaction that disables an endpoint. */
    interface DisabledListener {
        void disabled(Endpoint endpoint, String reason, Instant at);
    }

    private static final int FAILURES_UNTIL_PAUSE = 5;
    private static final int GONE = 410;

    private final RetrySchedule schedule;
    private final long pauseMillis;
    private final Duration disableAfter;
    private final DisabledListener disabled;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;

    /**
     * @param pauseMillis time without an attempt after five consecutive failures
     * @param disableAfter time without a success after which an endpoint is disabled
     */
    DeliveryTable(
            DataSource database,
            RetrySchedule schedule,
            long pauseMillis,
            Duration disableAfter,
            DisabledListener disabled) {
        this.schedule = schedule;
        this.pauseMillis = pauseMillis;
        this.disableAfter = disableAfter;
        this.disabled = disabled;
        jdbc = new JdbcTemplate(database);
        transaction = new TransactionTemplate(new JdbcTransactionManager(database));
    }

    /**
     * Claims due deliveries, skipping those that another instance is claiming.
     *
     * @param limits maximum number of deliveries per endpoint
     * @param leaseMillis time after which they are due again
     */
    List<Delivery> claim(Map<Endpoint, Integer> limits, long leaseMillis) {
        if (limits.isEmpty()) {
            return List.of();
        }
        return transaction.execute(status -> {
            long now = System.currentTimeMillis();
            List<Delivery> due = new ArrayList<>();
            limits.forEach((endpoint, limit) -> due.addAll(due(endpoint, limit, now)));
            jdbc.batchUpdate(
                    "UPDATE webhook_deliveries SET due_at = ? WHERE id = ?",
                    due.stream()
                            .map(each -> new Object[] {now + leaseMillis, each.id()})
                            .toList());
            return due;
        });
    }

    private List<Delivery> due(Endpoint endpoint, int limit, long now) {
        return jdbc.query(
                "SELECT id, webhook_id, payload, attempts, created_at FROM webhook_deliveries"
                        + " WHERE endpoint_id = ? AND due_at <= ? ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED",
                (row, number) -> new Delivery(
                        endpoint,
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getInt(4),
                        row.getTimestamp(5).toInstant()),
                endpoint.id(),
                now,
                limit);
    }

    /** Stores the results in one transaction, ordered by endpoint, so that instances do not deadlock. */
    void store(List<Attempt> attempts) {
        List<Attempt> sorted = attempts.stream()
                .sorted(Comparator.comparing(
                        attempt -> attempt.delivery().endpoint().id()))
                .toList();
        transaction.executeWithoutResult(status -> sorted.forEach(this::store));
    }

    private void store(Attempt attempt) {
        Delivery delivery = attempt.delivery();
        Answer answer = attempt.answer();
        jdbc.update(
                "INSERT INTO webhook_attempts (endpoint_id, webhook_id, attempt, at, status, text, millis)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                delivery.endpoint().id(),
                delivery.webhookId(),
                delivery.nextAttempt(),
                Timestamp.from(attempt.began()),
                answer.status(),
                answer.text(),
                Duration.between(attempt.began(), attempt.ended()).toMillis());
        if (answer.isSuccess()) {
            jdbc.update("DELETE FROM webhook_deliveries WHERE id = ?", delivery.id());
            jdbc.update(
                    "UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, paused_until = 0"
                            + " WHERE id = ? AND failures > 0",
                    delivery.endpoint().id());
        } else {
            postpone(delivery, answer.retryAfter(), attempt.ended());
            pause(delivery.endpoint(), answer.retryAfter(), attempt.ended());
            disable(delivery.endpoint(), answer.status() == GONE, attempt.ended());
        }
    }

    private void postpone(Delivery delivery, long retryAfter, Instant now) {
        OptionalLong pause = schedule.pause(
                delivery.nextAttempt(), retryAfter, ThreadLocalRandom.current().nextDouble());
        jdbc.update(
                "UPDATE webhook_deliveries SET attempts = ?, due_at = ?, failed_at = ? WHERE id = ?",
                delivery.nextAttempt(),
                pause.isPresent() ? now.toEpochMilli() + pause.getAsLong() : null,
                pause.isPresent() ? null : Timestamp.from(now),
                delivery.id());
    }

    private void pause(Endpoint endpoint, long retryAfter, Instant now) {
        jdbc.update(
                "UPDATE webhook_endpoints SET failures = failures + 1, failing_since = COALESCE(failing_since, ?),"
                        + " paused_until = GREATEST(paused_until, ?, CASE WHEN failures >= ? THEN ? ELSE paused_until END)"
                        + " WHERE id = ?",
                Timestamp.from(now),
                now.toEpochMilli() + retryAfter,
                FAILURES_UNTIL_PAUSE - 1,
                now.toEpochMilli() + pauseMillis,
                endpoint.id());
    }

    private void disable(Endpoint endpoint, boolean gone, Instant now) {
        boolean dead = endpoint.failingSince() != null
                && endpoint.failingSince().plus(disableAfter).isBefore(now);
        if (gone || dead) {
            String reason = gone ? "it answered 410 Gone" : "it has failed since " + endpoint.failingSince();
            int changed = jdbc.update(
                    "UPDATE webhook_endpoints SET state = 'disabled', reason = ? WHERE id = ? AND state = 'enabled'",
                    reason,
                    endpoint.id());
            if (changed == 1) {
                disabled.disabled(endpoint, reason, now);
            }
        }
    }
}
