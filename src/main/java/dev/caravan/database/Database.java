package dev.caravan.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.caravan.topics.Topics;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * The connection pool, whose first connection brings the schema up to date. A database that is not there yet is a failed
 * connection like any later one, so the program starts before or after it.
 */
public final class Database extends HikariDataSource implements CamelContextAware {

    private static final long CONNECT_TIMEOUT_MILLIS = 3_000;

    private final ReentrantLock migration = new ReentrantLock();
    private volatile boolean migrated;
    private CamelContext context;

    public Database() {
        setPoolName("caravan");
        setConnectionTimeout(CONNECT_TIMEOUT_MILLIS);
        setInitializationFailTimeout(-1);
        setMinimumIdle(1);
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
        migration.lock();
        try {
            if (!migrated) {
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
}
