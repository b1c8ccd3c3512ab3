package dev.caravan.platform.database;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.caravan.platform.context.Location;
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
 * The connection pool. Its first connection migrates the schema. An unavailable database is only a failed connection,
 * so the program may start before the database.
 *
 * <p>The pool has one connection for each consumer thread, which holds it while its transaction is open, and
 * {@code DATABASE_POOL} more for requests. So a consumer that waits inside its transaction does not block requests.
 *
 * <p>Every wait is limited. A statement may take as long as an attempt ({@code KAFKA_CONSUMER_RECORD_TIMEOUT}), a wait
 * for a lock half as long, an idle transaction twice as long, and an answer on the socket 10 s longer.
 *
 * <p>After a failover of PostgreSQL, all connections to the previous primary are closed at the first write that it
 * rejects, or when {@link PrimaryConnections} finds the new one.
 */
public final class Database extends HikariDataSource implements CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final long CONNECT_TIMEOUT_MILLIS = 3_000;
    private static final long VALIDATION_TIMEOUT_MILLIS = 2_500;
    private static final long MAX_LIFETIME_MILLIS = 900_000;
    private static final long MIGRATION_TIMEOUT_SECONDS = 600;

    private final ReentrantLock migration = new ReentrantLock();
    private volatile boolean migrated;
    private CamelContext context;
    private volatile int requests = 10;
    private volatile int consumers;
    private long attemptMillis = 45_000;
    private String migrations;
    private volatile PrimaryConnections primary;

    public Database() {
        setPoolName("caravan");
        setConnectionTimeout(CONNECT_TIMEOUT_MILLIS);
        setInitializationFailTimeout(-1);
        setMinimumIdle(1);
        setValidationTimeout(VALIDATION_TIMEOUT_MILLIS);
        setMaxLifetime(MAX_LIFETIME_MILLIS);
        setExceptionOverride(new BrokenConnections(this::evictIdle));
    }

    /** Number of connections in addition to those of the consumers. */
    public void setRequests(int requests) {
        this.requests = requests;
        resize();
    }

    /** The folder of the user's own migrations; empty for none. */
    public void setMigrations(String folder) {
        migrations = folder;
    }

    /** Time limit of an attempt at a record; the other timeouts are derived from it. */
    public void setAttemptMillis(long millis) {
        attemptMillis = millis;
    }

    /** @param threads current number of consumer threads */
    public void setConsumers(int threads) {
        consumers = threads;
        resize();
    }

    private void resize() {
        setMaximumPoolSize(requests + consumers);
    }

    /** Whether the last connection was refused because the server is not the primary. */
    public boolean isReadOnly() {
        return primary != null && primary.isReadOnly();
    }

    /** Connections in use are closed when they are returned. */
    private void evictIdle() {
        HikariPoolMXBean pool = getHikariPoolMXBean();
        if (pool != null) {
            pool.softEvictConnections();
        }
    }

    @Override
    public Connection getConnection() throws SQLException {
        if (!migrated) {
            migrate();
        }
        return super.getConnection();
    }

    /**
     * SQL that maps the column {@code topic} to the topic's owner according to the settings; by default both have the
     * same name.
     */
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
                throw new SQLTransientConnectionException("Another thread is migrating the database schema.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException(
                    "Interrupted while waiting for the migration of the database schema.");
        }
        try {
            if (!migrated) {
                limitWaits();
                schema().load().migrate();
                if (migrations != null && !migrations.isBlank()) {
                    new UserMigrations(new Location(migrations).path()).migrate(schema());
                }
                migrated = true;
            }
        } catch (FlywayException e) {
            throw new SQLTransientConnectionException("Could not migrate the database schema: " + e.getMessage(), e);
        } finally {
            migration.unlock();
        }
    }

    /** The migration scripts, with placeholders for the syntax in which H2 and PostgreSQL differ. */
    FluentConfiguration schema() {
        return Flyway.configure()
                .dataSource(getJdbcUrl(), getUsername(), getPassword())
                .jdbcProperties(isPostgres() ? driverProperties(MIGRATION_TIMEOUT_SECONDS) : Map.of())
                .locations("classpath:db/migration")
                .placeholders(Map.of(
                        // H2's BYTEA and TEXT are limited in length.
                        "bytes", isH2() ? "BINARY LARGE OBJECT" : "BYTEA",
                        "text", isH2() ? "CHARACTER LARGE OBJECT" : "TEXT",
                        // Number of cached sequence values.
                        "numbers", isH2() ? "10000" : "1",
                        "consumer", consumerOfTopic()));
    }

    private boolean isH2() {
        return getJdbcUrl().startsWith("jdbc:h2:");
    }

    private boolean isPostgres() {
        return getJdbcUrl().startsWith("jdbc:postgresql:");
    }

    private static Map<String, String> driverProperties(long timeoutSeconds) {
        return Map.of(
                "connectTimeout",
                Long.toString(TimeUnit.MILLISECONDS.toSeconds(CONNECT_TIMEOUT_MILLIS)),
                "socketTimeout",
                Long.toString(timeoutSeconds),
                "tcpKeepAlive",
                "true",
                "targetServerType",
                "primary");
    }

    /** Sets the timeouts with statements, because a pooler such as PgBouncer rejects connection options. */
    private void limitWaits() {
        if (getConnectionInitSql() != null) {
            return;
        }
        if (isPostgres()) {
            primary = new PrimaryConnections(
                    getJdbcUrl(),
                    getUsername(),
                    getPassword(),
                    driverProperties(TimeUnit.MILLISECONDS.toSeconds(attemptMillis) + 10));
            setDataSource(primary);
            setConnectionInitSql(
                    "SET statement_timeout = %d; SET lock_timeout = %d; SET idle_in_transaction_session_timeout = %d"
                            .formatted(attemptMillis, attemptMillis / 2, 2 * attemptMillis));
        } else if (isH2()) {
            setConnectionInitSql("SET LOCK_TIMEOUT " + attemptMillis / 2);
        }
    }

    /**
     * Aborts the transaction of a stuck thread: the database rolls it back, and the pool replaces the connection. A thread
     * that waits for the database gets an exception at once; any other gets it at its next statement.
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
            LOG.warn("Could not abort a database connection: {}", e.toString());
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

    @Override
    public void close() {
        super.close();
        if (primary != null) {
            primary.close();
        }
    }
}
