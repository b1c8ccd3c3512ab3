package dev.caravan.support;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A PostgreSQL from Maven with durable commits, which zonky's defaults switch off. */
public final class Postgres implements AutoCloseable {

    private final EmbeddedPostgres server;
    private final ProcessHandle process;

    private Postgres(EmbeddedPostgres server, Path folder) throws IOException {
        this.server = server;
        String pid = Files.readAllLines(folder.resolve("postmaster.pid")).get(0);
        this.process = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    public static Postgres start(Path folder) throws IOException {
        return start(folder, CaravanExtension.freePort());
    }

    public static Postgres start(Path folder, int port) throws IOException {
        return new Postgres(durable(folder, port).start(), folder);
    }

    /** Accepts TLS with this certificate. */
    public static Postgres start(Path folder, SelfSignedCertificate keys) throws IOException, GeneralSecurityException {
        Path key = keys.key();
        // PostgreSQL rejects a key that others can read.
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        return new Postgres(
                durable(folder, CaravanExtension.freePort())
                        .setServerConfig("ssl", "on")
                        .setServerConfig("ssl_cert_file", keys.certificate().toString())
                        .setServerConfig("ssl_key_file", key.toString())
                        .start(),
                folder);
    }

    /**
     * A primary and its standbys, each of which follows the previous one, so that they can be promoted one after the other.
     *
     * @param synchronous whether a commit waits for the next standby
     */
    public static List<Postgres> replicated(Path folder, int servers, boolean synchronous)
            throws IOException, InterruptedException {
        start(folder.resolve("0")).close();
        for (int i = 1; i < servers; i++) {
            exec(
                    "cp",
                    "-a",
                    folder.resolve("0").toString(),
                    folder.resolve("" + i).toString());
        }
        List<Postgres> chain = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
            Path data = folder.resolve("" + i);
            String settings = synchronous && i < servers - 1 ? "synchronous_standby_names = '*'\n" : "";
            if (i > 0) {
                int upstream = chain.get(i - 1).server.getPort();
                settings += "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres'\n".formatted(upstream);
                // A promotion upstream starts a new timeline.
                settings += "wal_retrieve_retry_interval = '200ms'\n";
                Files.createFile(data.resolve("standby.signal"));
            }
            Files.writeString(data.resolve("postgresql.auto.conf"), settings);
            chain.add(start(data));
        }
        return chain;
    }

    /** SIGKILL of the server, whose backends end with it. */
    public void kill() {
        process.destroyForcibly();
    }

    /** Promotes a standby, and returns when it accepts writes. */
    public void promote() {
        jdbc().queryForObject("SELECT pg_promote(true, 60)", Boolean.class);
    }

    /** Makes the server read-only without closing connections. */
    public void demote() {
        set("default_transaction_read_only", "on");
    }

    /** Changes a setting that needs no restart. */
    public void set(String setting, String value) {
        jdbc().execute("ALTER SYSTEM SET " + setting + " = '" + value + "'");
        jdbc().execute("SELECT pg_reload_conf()");
    }

    /** Without a connection pool. */
    public JdbcTemplate jdbc() {
        return new JdbcTemplate(new DriverManagerDataSource(url(), user(), ""));
    }

    private static void exec(String... command) throws IOException, InterruptedException {
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException(String.join(" ", command));
        }
    }

    private static EmbeddedPostgres.Builder durable(Path folder, int port) {
        return EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(folder)
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofMinutes(2))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on");
    }

    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres";
    }

    public int port() {
        return server.getPort();
    }

    public String user() {
        return "postgres";
    }

    /** Returns when the server has ended, which zonky waits for only 5 s. */
    @Override
    public void close() throws IOException {
        server.close();
        process.onExit().orTimeout(2, TimeUnit.MINUTES).join();
    }
}
