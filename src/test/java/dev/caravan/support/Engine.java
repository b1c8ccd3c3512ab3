package dev.caravan.support;

import dev.caravan.platform.database.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The supported databases, for tests of SQL. */
public enum Engine {
    H2 {
        @Override
        public String series(int last) {
            return "SYSTEM_RANGE(1, " + last + ")";
        }

        @Override
        Place create(String name) {
            return new Place(
                    "jdbc:h2:mem:" + name
                            + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;DB_CLOSE_DELAY=-1",
                    "caravan");
        }
    },
    POSTGRESQL {
        @Override
        public String series(int last) {
            return "GENERATE_SERIES(1, " + last + ")";
        }

        @Override
        Place create(String name) {
            Postgres server = Server.RUNNING;
            new JdbcTemplate(new DriverManagerDataSource(server.url(), server.user(), ""))
                    .execute("CREATE DATABASE " + name);
            return new Place(server.url().replace("/postgres", "/" + name), server.user());
        }
    };

    record Place(String url, String user) {}

    /** A table expression of the numbers 1 to {@code last}. */
    public abstract String series(int last);

    abstract Place create(String name);

    /** A new database, whose first connection creates the tables. */
    public Database database() {
        Place place = create("t" + UUID.randomUUID().toString().replace("-", ""));
        Database database = new Database();
        database.setJdbcUrl(place.url());
        database.setUsername(place.user());
        database.setPassword("");
        // Longer than the program's: tests check what is stored, not how fast.
        database.setConnectionTimeout(60_000);
        return database;
    }

    /** The server of all tests in this JVM. */
    private static final class Server {

        private static final Postgres RUNNING = start();

        private static Postgres start() {
            try {
                Postgres server = Postgres.start(Files.createTempDirectory("postgres"));
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void stop(Postgres server) {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
