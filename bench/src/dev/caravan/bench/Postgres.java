package dev.caravan.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A PostgreSQL server of the Debian package {@code postgresql} with default settings, including fsync. */
final class Postgres implements AutoCloseable {

    private final ProgramProcess server;
    private final int port;

    private Postgres(ProgramProcess server, int port) {
        this.server = server;
        this.port = port;
    }

    static Postgres start() throws Exception {
        Path folder = Files.createTempDirectory("caravan-bench-postgres");
        Path data = folder.resolve("data");
        int port = Testbed.freePort();
        List<String> asUser = List.of();
        if (System.getProperty("user.name").equals("root")) {
            // The server refuses to run as root.
            run(List.of("chown", "postgres", folder.toString()));
            asUser = List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups");
        }
        run(command(asUser, "initdb", "-D", data.toString(), "-A", "trust", "-U", "caravan", "-E", "UTF8"));
        List<String> postgres = command(
                asUser, "postgres", "-D", data.toString(), "-p", "" + port, "-h", "127.0.0.1", "-k", data.toString());
        return new Postgres(
                ProgramProcess.start(folder.resolve("log"), port, Map.of(), postgres)
                        .untilItListens(),
                port);
    }

    /** Creates a database and returns its URL. */
    String database(String name) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url("postgres"), "caravan", "")) {
            connection.createStatement().execute("CREATE DATABASE " + name);
        }
        return url(name);
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    private static List<String> command(List<String> asUser, String program, String... arguments) throws IOException {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            List<String> command = new ArrayList<>(asUser);
            command.add(versions.max(Comparator.naturalOrder()).orElseThrow() + "/bin/" + program);
            command.addAll(List.of(arguments));
            return command;
        }
    }

    private static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("failed: " + command);
        }
    }

    @Override
    public void close() throws InterruptedException {
        server.close();
    }
}
