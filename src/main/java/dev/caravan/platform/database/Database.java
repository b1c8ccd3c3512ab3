package dev.caravan.platform.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.caravan.platform.topics.Topics;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection pool, whose first connection brings the schema up to date. A database that is not there yet is a
 * failed connection like any later one, so the program starts before or after it.
 *
 * <p>It has a connection for each thread that consumes from Kafka, which holds one while its batch is open, and
 * {@code DATABASE_POOL} more for requests: a consumer that waits for something inside its transaction does not keep a
 * request from the database.
 *
 * <p>No wait is without end. A statement may take as long as an attempt at a record
 * ({@code KAFKA_CONSUMER_RECORD_TIMEOUT}), a wait for a lock half of that, a transaction that does nothing twice that;
 * and the socket gives up ten seconds after a statement should have ended.
 */
public final class Database extends HikariDataSource implements CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final long CONNECT_TIMEOUT_MILLIS = 3_000;
    private static final long MIGRATION_TIMEOUT_SECONDS = 600;

    private final ReentrantLock migration = new ReentrantLock();
    private volatile boolean migrated;
    private CamelContext context;
    private volatile int requests = 10;
    private volatile int consumers;
    private long attemptMillis = 45_000;

    public Database() {
        setPoolName("caravan");
        setConnectionTimeout(CONNECT_TIMEOUT_MILLIS);
        setInitializationFailTimeout(-1);
        setMinimumIdle(1);
    }

    /** How many connections there are beside those of the consumers. */
    public void setRequests(int requests) {
        this.requests = requests;
        resize();
    }

    /** The longest time that an attempt at a record may take; the other timeouts follow from it. */
    public void setAttemptMillis(long millis) {
        attemptMillis = millis;
    }

    /** @param threads that consume from Kafka at present */
    public void consumers(int threads) {
        consumers = threads;
        resize();
    }

    private void resize() {
        setMaximumPoolSize(requests + consumers);
    }

    @Override
    public Connection getConnection() throws SQLException {
        if (!migrated) {
            migrate();
        }
        return super.getConnection();
    }

    /** SQL for the owner of the column {@code topic}, as the settings say; by default the two have the same name. */
    private String consumerOfTopic() {
        Topics topics = context == null ? null : context.getRegistry().findSingleByType(Topics.class);
        String renamed = topics == null
                ? ""
                : topics.consumers().all().stream()
                        .filter(consumer ->
                                consumer.isOwner() && !consumer.name().equals(consumer.topic()))
                        .map(consumer -> " WHEN topic = " + text(consumer.topic()) + " THEN " + text(consumer.name()))
                        .collect(Collectors.joining());
        return renamed.isEmpty() ? "topic" : "CASE" + renamed + " ELSE topic END";
    }

    private static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    @Override
    public void setCamelContext(CamelContext context) {
        this.context = context;
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    private void migrate() throws SQLException {
        try {
            if (!migration.tryLock(CONNECT_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new SQLTransientConnectionException("The database's schema is being brought up to date.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException("Interrupted while the database's schema is brought up to date.");
        }
        try {
            if (!migrated) {
                limitWaits();
                schema().load().migrate();
                migrated = true;
            }
        } catch (FlywayException e) {
            throw new SQLTransientConnectionException(
                    "The database's schema could not be brought up to date: " + e.getMessage(), e);
        } finally {
            migration.unlock();
        }
    }

    /** The scripts, with placeholders for what the two kinds of database call differently. */
    FluentConfiguration schema() {
        return Flyway.configure()
                .dataSource(getJdbcUrl(), getUsername(), getPassword())
                .jdbcProperties(isPostgres() ? socket(MIGRATION_TIMEOUT_SECONDS) : Map.of())
                .locations("classpath:db/migration")
                .placeholders(
                        getJdbcUrl().startsWith("jdbc:h2:")
                                ? Map.of(
                                        // For what may be longer than H2's columns of these names are.
                                        "bytes", "BINARY LARGE OBJECT",
                                        "text", "CHARACTER LARGE OBJECT",
                                        // Of a sequence, set aside at once.
                                        "numbers", "10000",
                                        "consumer", consumerOfTopic())
                                : Map.of(
                                        "bytes", "BYTEA",
                                        "text", "TEXT",
                                        "numbers", "1",
                                        "consumer", consumerOfTopic()));
    }

    private boolean isPostgres() {
        return getJdbcUrl().startsWith("jdbc:postgresql:");
    }

    private static Map<String, String> socket(long timeoutSeconds) {
        return Map.of(
                "connectTimeout", Long.toString(TimeUnit.MILLISECONDS.toSeconds(CONNECT_TIMEOUT_MILLIS)),
                "socketTimeout", Long.toString(timeoutSeconds),
                "tcpKeepAlive", "true");
    }

    /**
     * What the URL says itself stays. Statements and not connection options, which a pooler such as PgBouncer refuses.
     */
    private void limitWaits() {
        if (getConnectionInitSql() != null) {
            return;
        }
        if (isPostgres()) {
            socket(TimeUnit.MILLISECONDS.toSeconds(attemptMillis) + 10).forEach(this::addDataSourceProperty);
            setConnectionInitSql(
                    "SET statement_timeout = %d; SET lock_timeout = %d; SET idle_in_transaction_session_timeout = %d"
                            .formatted(attemptMillis, attemptMillis / 2, 2 * attemptMillis));
        } else if (getJdbcUrl().startsWith("jdbc:h2:")) {
            setConnectionInitSql("SET LOCK_TIMEOUT " + attemptMillis / 2);
        }
    }

    /**
     * Ends a transaction whose thread does not come back: the database rolls it back, and the pool makes another
     * connection in its place. A thread that waits for the database gets an exception; any other finds out at its next
     * statement.
     */
    public void abort(Connection held) {
        try {
            if (held.isWrapperFor(PGConnection.class)) {
                held.unwrap(PGConnection.class).cancelQuery();
            } else if (held.isWrapperFor(JdbcConnection.class)
                    && held.unwrap(JdbcConnection.class).getSession() instanceof SessionLocal session) {
                abortSession(session.getId());
            }
            held.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.warn("A connection could not be aborted: {}", e.toString());
        } finally {
            evictConnection(held);
        }
    }

    private void abortSession(int id) throws SQLException {
        try (Connection other = getConnection();
                PreparedStatement abort = other.prepareStatement("CALL ABORT_SESSION(?)")) {
            abort.setInt(1, id);
            abort.execute();
        }
    }
}
