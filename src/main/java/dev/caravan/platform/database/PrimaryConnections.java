package dev.caravan.platform.database;

import dev.caravan.platform.context.RepeatedTask;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.WeakHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/**
 * Opens connections to PostgreSQL's primary, and aborts all connections to a server that a failover has replaced,
 * including those that wait for an answer. Otherwise a consumer whose server has vanished would wait until its socket
 * times out, which takes longer than any statement.
 *
 * <p>Every {@value #CHECK_SECONDS} s it opens a connection and compares its server with those of the other connections.
 * A server is identified by its start time. If no primary answers, nothing is aborted.
 */
final class PrimaryConnections extends SimpleDriverDataSource implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PrimaryConnections.class);
    private static final int CHECK_SECONDS = 5;
    /** Enough for two hosts that do not answer. */
    private static final int LOGIN_SECONDS = 8;

    private static final int ANSWER_MILLIS = 5_000;

    private static final String UNDEFINED_FUNCTION = "42883";

    private final Map<Connection, String> servers = Collections.synchronizedMap(new WeakHashMap<>());
    private volatile boolean readOnly;
    private final ScheduledExecutorService check = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "caravan-database");
        thread.setDaemon(true);
        return thread;
    });

    /** @param defaults driver properties; those in the URL take precedence */
    PrimaryConnections(String url, String user, String password, Map<String, String> defaults) {
        super(new Driver(), url, user, password);
        Properties properties = new Properties();
        properties.putAll(defaults);
        properties.setProperty(PGProperty.LOGIN_TIMEOUT.getName(), Integer.toString(LOGIN_SECONDS));
        setConnectionProperties(properties);
        RepeatedTask abort = new RepeatedTask("The check of the database's primary", LOG, this::abortReplaced);
        check.scheduleWithFixedDelay(abort, CHECK_SECONDS, CHECK_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    protected Connection getConnectionFromDriver(Properties properties) throws SQLException {
        Connection connection = open(properties);
        try {
            servers.put(connection, server(connection));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private Connection open(Properties properties) throws SQLException {
        try {
            Connection connection = super.getConnectionFromDriver(properties);
            readOnly = false;
            return connection;
        } catch (SQLException e) {
            if (e.getMessage() != null && e.getMessage().contains("targetServerType")) {
                readOnly = true;
                throw new SQLTransientConnectionException(
                        "The database is read-only: a standby, or no longer the primary",
                        BrokenConnections.READ_ONLY,
                        e);
            }
            throw e;
        }
    }

    /** Whether the last connection was refused because the server is read-only. */
    boolean isReadOnly() {
        return readOnly;
    }

    private static String server(Connection connection) throws SQLException {
        // The timeout of other statements is too long: the check would wait for a server that has just vanished.
        int limit = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
        try (Statement statement = connection.createStatement();
                ResultSet started = statement.executeQuery("SELECT pg_postmaster_start_time()")) {
            return started.next() ? started.getString(1) : "";
        } catch (SQLException e) {
            if (UNDEFINED_FUNCTION.equals(e.getSQLState())) {
                // Not PostgreSQL itself but a compatible server, which cannot be identified.
                return "";
            }
            throw e;
        } finally {
            if (!connection.isClosed()) {
                connection.setNetworkTimeout(Runnable::run, limit);
            }
        }
    }

    private void abortReplaced() {
        if (servers.isEmpty() && !readOnly) {
            return;
        }
        String primary;
        try (Connection connection = getConnection()) {
            primary = servers.remove(connection);
        } catch (SQLException e) {
            LOG.debug("No primary answers", e);
            return;
        }
        List<Connection> replaced;
        synchronized (servers) {
            replaced = servers.entrySet().stream()
                    .filter(each -> !Objects.equals(each.getValue(), primary))
                    .map(Map.Entry::getKey)
                    .toList();
            servers.keySet().removeAll(replaced);
        }
        for (Connection connection : replaced) {
            abort(connection);
        }
        if (!replaced.isEmpty()) {
            LOG.warn("The database has a new primary; closed {} connections to other servers", replaced.size());
        }
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("Could not abort a connection", e);
        }
    }

    /** Ignored: the driver's own property limits a login. */
    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public void close() {
        check.shutdownNow();
    }
}
