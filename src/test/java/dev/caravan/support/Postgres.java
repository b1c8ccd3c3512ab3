package dev.caravan.support;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;

/** A real PostgreSQL, from Maven, that keeps what it has committed: its zonky defaults do not. */
public final class Postgres implements AutoCloseable {

    private final EmbeddedPostgres server;

    private Postgres(EmbeddedPostgres server) {
        this.server = server;
    }

    public static Postgres start(Path folder) throws IOException {
        return start(folder, 0);
    }

    /** @param port 0 for a free one */
    public static Postgres start(Path folder, int port) throws IOException {
        return new Postgres(durable(folder, port).start());
    }

    /** One that takes TLS, if its clients ask for it, and proves itself with that certificate. */
    public static Postgres start(Path folder, SelfSigned keys) throws IOException, GeneralSecurityException {
        Path key = keys.key();
        // It refuses a key that others could read.
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        return new Postgres(durable(folder, 0)
                .setServerConfig("ssl", "on")
                .setServerConfig("ssl_cert_file", keys.certificate().toString())
                .setServerConfig("ssl_key_file", key.toString())
                .start());
    }

    private static EmbeddedPostgres.Builder durable(Path folder, int port) {
        return EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(folder)
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on");
    }

    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres";
    }

    public String user() {
        return "postgres";
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
