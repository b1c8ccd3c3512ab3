package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.EscapedText;
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
 * Stores failed attempts for the status of a message. Best effort: they are written after the next commit of the
 * {@link ConsumerTransaction}, and are lost if the database is unavailable then or the process dies before.
 */
public final class FailedAttempts extends ContextBean {

    private static final Logger LOG = LoggerFactory.getLogger(FailedAttempts.class);
    private static final String ATTEMPTS = "CaravanFailedAttempts";

    private String instance;

    /**
     * One failed attempt.
     *
     * @param route the innermost route that failed
     * @param node its failed step, as named in the route file
     */
    record Attempt(Instant at, String route, String node, String exception, String reason) {}

    /**
     * A record that was handed to the next topic.
     *
     * @param due when the next topic's consumer processes it; null for a dead-letter topic
     */
    record FailedRecord(Delivery delivery, List<Attempt> attempts, String nextTopic, Instant due) {

        boolean isDead() {
            return due == null;
        }
    }

    /** Called before a further attempt, after the pause. */
    public static final class BeginAttempt implements Processor {
        @Override
        public void process(Exchange exchange) {
            ConsumerThreads.markProcessing(exchange);
        }
    }

    /** Called when an attempt has failed. */
    public static final class RecordAttempt implements Processor {
        @Override
        public void process(Exchange exchange) {
            ConsumerThreads.markWaiting(exchange);
            Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            FailedNode.FailurePoint failurePoint = FailedNode.take(exchange);
            List<Attempt> attempts = of(exchange);
            if (attempts.isEmpty()) {
                attempts = new ArrayList<>();
                exchange.setProperty(ATTEMPTS, attempts);
            }
            String reason = FailureSteps.reason(failure);
            attempts.add(new Attempt(
                    Instant.now(),
                    failurePoint.route(),
                    failurePoint.node(),
                    failure.getClass().getName(),
                    reason));
            if (FailureSteps.isCurable(failure)) {
                LOG.info(
                        "Attempt {} failed: {}", attempts.size(), EscapedText.line(reason, FailureSteps.REASON_LENGTH));
            }
        }
    }

    @SuppressWarnings("unchecked")
    static List<Attempt> of(Exchange exchange) {
        return (List<Attempt>) exchange.getProperty(ATTEMPTS, List.of(), List.class);
    }

    void write(List<FailedRecord> records) {
        try (Connection connection = bean(DataSource.class).getConnection();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO message_attempts (message_id, topic, retry_level, failed_at, processed_by, route, node,"
                                + " exception, reason, next_topic, due_at, consumer)"
                                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            connection.setAutoCommit(false);
            for (FailedRecord each : records) {
                add(each, insert);
            }
            insert.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            LOG.debug("Could not store the failed attempts of {} messages", records.size(), e);
        }
    }

    private void add(FailedRecord record, PreparedStatement insert) throws SQLException {
        Delivery delivery = record.delivery();
        for (Attempt attempt : record.attempts()) {
            insert.setString(1, delivery.messageId());
            insert.setString(2, delivery.source().origin());
            insert.setInt(3, delivery.source().level());
            insert.setTimestamp(4, Timestamp.from(attempt.at()));
            insert.setString(5, instance);
            insert.setString(6, attempt.route());
            insert.setString(7, attempt.node());
            insert.setString(8, attempt.exception());
            insert.setString(9, attempt.reason().replace('\0', '\uFFFD'));
            insert.setString(10, record.nextTopic());
            insert.setTimestamp(11, record.due() == null ? null : Timestamp.from(record.due()));
            insert.setString(12, delivery.source().consumer().name());
            insert.addBatch();
        }
    }

    /** The name of this process among the instances. */
    public void setInstance(String instance) {
        this.instance = instance;
    }
}
