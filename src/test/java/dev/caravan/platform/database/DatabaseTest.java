package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.platform.settings.Settings;
import dev.caravan.support.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.jdbc.PgConnection;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class DatabaseTest {

    private static final int SSL_REQUEST_BYTES = 8;

    /** A man in the middle could answer that the server has no TLS. */
    @Test
    void sendsNoCredentialsWithoutTls() throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Database database = new Database()) {
            database.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + proxy.getLocalPort() + "/caravan?sslmode=verify-full");
            database.setUsername("caravan");
            database.setPassword("secret");
            CompletableFuture<Integer> bytesSent = CompletableFuture.supplyAsync(() -> {
                try (Socket client = proxy.accept()) {
                    client.getInputStream().readNBytes(SSL_REQUEST_BYTES);
                    client.getOutputStream().write('N');
                    return client.getInputStream().readAllBytes().length;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });

            assertThatThrownBy(database::getConnection)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("does not support SSL");
            assertThat(bytesSent.get()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyWaitHasATimeout(Engine engine) throws Exception {
        try (Database database = engine.database()) {
            database.setAttemptMillis(8_000);
            try (Connection connection = database.getConnection()) {
                JdbcTemplate jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
                if (engine == Engine.H2) {
                    assertThat(jdbc.queryForObject("CALL LOCK_TIMEOUT()", Integer.class))
                            .isEqualTo(4_000);
                    return;
                }
                assertThat(jdbc.queryForObject("SHOW statement_timeout", String.class))
                        .isEqualTo("8s");
                assertThat(jdbc.queryForObject("SHOW lock_timeout", String.class))
                        .isEqualTo("4s");
                assertThat(jdbc.queryForObject("SHOW idle_in_transaction_session_timeout", String.class))
                        .isEqualTo("16s");
                assertThat(connection.unwrap(PgConnection.class).getNetworkTimeout())
                        .isEqualTo(18_000);
            }
            assertThat(((SimpleDriverDataSource) database.getDataSource()).getConnectionProperties())
                    .containsEntry("tcpKeepAlive", "true")
                    .containsEntry("connectTimeout", "3");
        }
    }

    /** Hanging steps are interrupted, and so are steps that exceed the shutdown timeout. */
    @Test
    void theEmbeddedDatabaseSurvivesInterruptedWrites(@TempDir Path folder) throws Exception {
        try (Database database = new Database()) {
            database.setJdbcUrl(embedded(folder));
            database.setUsername("sa");
            // A writer that gave up would never count down.
            database.setConnectionTimeout(Duration.ofMinutes(1).toMillis());
            JdbcTemplate jdbc = new JdbcTemplate(database);
            jdbc.execute("CREATE TABLE written (number INT)");

            for (int i = 0; i < 50; i++) {
                CountDownLatch writes = new CountDownLatch(20);
                Thread writer = new Thread(() -> write(jdbc, writes));
                writer.start();
                writes.await();
                writer.interrupt();
                writer.join();
            }

            jdbc.update("INSERT INTO written VALUES (1)");
            assertThat(jdbc.queryForObject("SELECT COUNT(*) FROM written WHERE number = 1", Integer.class))
                    .isEqualTo(1);
        }
    }

    private static String embedded(Path folder) {
        Properties overrides = new Properties();
        overrides.setProperty("data.dir", folder.toString());
        CamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setLocation("classpath:application.properties");
        context.getPropertiesComponent().setOverrideProperties(overrides);
        return new Settings(context).derived().getProperty("database.url");
    }

    private static void write(JdbcTemplate jdbc, CountDownLatch writes) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                jdbc.update("INSERT INTO written VALUES (0)");
                writes.countDown();
            }
        } catch (DataAccessException e) {
            // The interrupted write itself may fail.
        }
    }
}
