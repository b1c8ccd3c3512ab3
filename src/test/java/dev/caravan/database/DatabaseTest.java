package dev.caravan.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DatabaseTest {

    private static final int SSL_REQUEST_BYTES = 8;

    /** Whoever stands between the two can say that there is no TLS here. */
    @Test
    void tellsNothingToOneWhoDoesNotSpeakTls() throws Exception {
        try (ServerSocket between = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Database database = new Database()) {
            database.setJdbcUrl(
                    "jdbc:postgresql://127.0.0.1:" + between.getLocalPort() + "/caravan?sslmode=verify-full");
            database.setUsername("caravan");
            database.setPassword("secret");
            CompletableFuture<Integer> told = CompletableFuture.supplyAsync(() -> {
                try (Socket client = between.accept()) {
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
            assertThat(told.get()).isZero();
        }
    }
}
