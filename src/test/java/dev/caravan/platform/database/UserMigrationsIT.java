package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.support.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** The user's own tables, on both databases. */
class UserMigrationsIT {

    @TempDir
    private Path folder;

    private Path migrations() throws IOException {
        return Files.createDirectories(folder.resolve("migrations"));
    }

    private Database h2() throws IOException {
        return database(
                "jdbc:h2:file:" + folder.resolve("h2")
                        + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;WRITE_DELAY=0",
                "sa");
    }

    private Database database(String url, String user) throws IOException {
        Database database = new Database();
        database.setJdbcUrl(url);
        database.setUsername(user);
        database.setMigrations(migrations().toString());
        return database;
    }

    private void write(String name, String sql) throws IOException {
        Files.writeString(migrations().resolve(name), sql);
    }

    private void createsAndExtends(String url, String user) throws IOException {
        write("V1__shipments.sql", "CREATE TABLE shipments (id VARCHAR(100) PRIMARY KEY, note ${text});");
        try (Database database = database(url, user)) {
            new JdbcTemplate(database).update("INSERT INTO shipments (id, note) VALUES ('s-1', 'first')");
        }
        write("V2__places.sql", "ALTER TABLE shipments ADD COLUMN place VARCHAR(100);");

        try (Database database = database(url, user)) {
            JdbcTemplate jdbc = new JdbcTemplate(database);
            jdbc.update("UPDATE shipments SET place = 'here'");
            assertThat(jdbc.queryForObject("SELECT note || ' ' || place FROM shipments", String.class))
                    .isEqualTo("first here");
            assertThat(jdbc.queryForList(
                            "SELECT \"version\" FROM \"user_schema_history\" WHERE \"version\" <> '0' ORDER BY 1",
                            String.class))
                    .isEqualTo(List.of("1", "2"));
        }
    }

    @Test
    void createAndExtendTablesOnH2() throws Exception {
        createsAndExtends(
                "jdbc:h2:file:" + folder.resolve("h2")
                        + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;WRITE_DELAY=0",
                "sa");
    }

    @Test
    void createAndExtendTablesOnPostgres(@TempDir Path server) throws Exception {
        try (Postgres postgres = Postgres.start(server.resolve("data"))) {
            createsAndExtends(postgres.url(), "postgres");
        }
    }

    @Test
    void anInvalidStatementIsNamedAndCanBeCorrected() throws Exception {
        write("V1__shipments.sql", "CREATE TABLE shipments (id INT);\n\nCREATE TABEL places (id INT);\n");
        try (Database database = h2()) {
            assertThatThrownBy(database::getConnection)
                    .isInstanceOf(InvalidMigrationException.class)
                    .hasMessageStartingWith(migrations().resolve("V1__shipments.sql") + ":3: ")
                    .hasMessageNotContaining("\n");

            write("V1__shipments.sql", "CREATE TABLE IF NOT EXISTS shipments (id INT);");
            database.getConnection().close();
        }
    }

    @Test
    void aMisnamedFileIsRejected() throws Exception {
        write("shipments.sql", "CREATE TABLE shipments (id INT);");
        try (Database database = h2()) {
            assertThatThrownBy(database::getConnection)
                    .isInstanceOf(InvalidMigrationException.class)
                    .hasMessageContaining("shipments.sql")
                    .hasMessageNotContaining("\n");
        }
    }
}
