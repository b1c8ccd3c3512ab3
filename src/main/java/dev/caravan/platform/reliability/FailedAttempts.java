package dev.caravan.platform.reliability;

import dev.caravan.operations.logs.EscapingConverter;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.kafka.ConsumerThreads;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores failed attempts, for the status of a message. Best effort: they are written at the next commit of the
 * {@link ConsumerTransaction}, and are missing if the database is unavailable or the process dies before that.
 */
public final class FailedAttempts extends ContextBean {

    private static final Logger LOG = LoggerFactory.getLogger(FailedAttempts.class);
    private static final String ATTEMPTS = "CaravanFailedAttempts";

    private String instance;

    /** A record that was handed to the next topic, and why. */
    record FailedAttempt(Delivery delivery, List<Attempt> attempts, String nextTopic, Instant due) {

        boolean isDead() {
            return due == null;
        }
    }

    /** Called when an attempt has failed. */
    public static final class RecordAttempt implements Processor {
        @Override
        public void process(Exchange exchange) {
            ConsumerThreads.markWaiting(exchange);
            Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            FailedNode.NodePlace nodePlace = FailedNode.take(exchange);
            List<Attempt> attempts = attempts(exchange);
            if (attempts.isEmpty()) {
                attempts = new ArrayList<>();
                exchange.setProperty(ATTEMPTS, attempts);
            }
            String reason = FailureSteps.reason(failure);
            attempts.add(new Attempt(
                    Instant.now(),
                    nodePlace.route(),
                    nodePlace.node(),
                    failure.getClass().getName(),
                    reason));
            if (FailureSteps.isCurable(failure)) {
                LOG.info(
                        "Attempt {} failed: {}",
                        attempts.size(),
                        EscapingConverter.line(reason, FailureSteps.REASON_LENGTH));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Attempt> attempts(Exchange exchange) {
        return (List<Attempt>) exchange.getProperty(ATTEMPTS, List.of(), List.class);
    }

    /** @param due when the next topic's consumer processes it; null for a dead-letter topic */
    static FailedAttempt of(Exchange exchange, Delivery delivery, String nextTopic, Instant due) {
        return new FailedAttempt(delivery, attempts(exchange), nextTopic, due);
    }

    void write(List<FailedAttempt> records) {
        try (Connection connection = bean(DataSource.class).getConnection();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO message_attempts (message_id, topic, retry_level, failed_at, processed_by, route, node,"
                                + " exception, reason, next_topic, due_at, consumer)"
                                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            connection.setAutoCommit(false);
            for (FailedAttempt each : records) {
                add(each, insert);
            }
            insert.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            LOG.debug("Could not store the failed attempts of {} messages", records.size(), e);
        }
    }

    private void add(FailedAttempt failedAttempt, PreparedStatement insert) throws SQLException {
        Delivery delivery = failedAttempt.delivery();
        for (Attempt attempt : failedAttempt.attempts()) {
            insert.setString(1, delivery.messageId());
            insert.setString(2, delivery.source().origin());
            insert.setInt(3, delivery.source().level());
            insert.setTimestamp(4, Timestamp.from(attempt.at()));
            insert.setString(5, instance);
            insert.setString(6, attempt.route());
            insert.setString(7, attempt.node());
            insert.setString(8, attempt.exception());
            insert.setString(9, attempt.reason().replace('\0', '\uFFFD'));
            insert.setString(10, failedAttempt.nextTopic());
            insert.setTimestamp(11, failedAttempt.due() == null ? null : Timestamp.from(failedAttempt.due()));
            insert.setString(12, delivery.source().consumer().name());
            insert.addBatch();
        }
    }

    /** The name of this process among the instances. */
    public void setInstance(String instance) {
        this.instance = instance;
    }
}
