package dev.caravan.platform.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.caravan.support.Postgres;
import java.net.ConnectException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class ErrorTextTest {

    private static final SQLException ROOT = new SQLException("Table \"PAYMENTS\" not found; SQL statement:\nINSERT…");
    private static final String LONG = "INSERT INTO payments VALUES ('" + "x".repeat(3_000) + "')";

    static Stream<Arguments> failures() {
        String table = "Table \"PAYMENTS\" not found";
        return Stream.of(
                Arguments.of(ROOT, table),
                Arguments.of(new ExecutionException(ROOT), table),
                Arguments.of(new CompletionException(ROOT), table),
                Arguments.of(new RuntimeCamelException(ROOT), table),
                Arguments.of(new RuntimeException(ROOT), table),
                Arguments.of(
                        new CamelExecutionException("failed", new DefaultExchange(new DefaultCamelContext()), ROOT),
                        table),
                Arguments.of(new IllegalStateException("cannot pay", ROOT), "cannot pay: " + table),
                Arguments.of(
                        new IllegalStateException(null, new ConnectException("Connection refused")),
                        "Connection refused"),
                Arguments.of(new IllegalStateException(), "IllegalStateException"),
                Arguments.of(new IllegalStateException("two\n lines"), "two lines"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void joinsTheMessagesOfTheCauses(Throwable failure, String text) {
        assertThat(ErrorText.line(failure, 1000)).isEqualTo(text);
    }

    @Test
    void keepsTheRootCauseOfALongText() {
        Exception failure = new IllegalStateException("x".repeat(2_000), new SQLException("disk full"));

        assertThat(ErrorText.line(failure, 1000)).hasSizeLessThanOrEqualTo(1000).endsWith("x…: disk full");
        assertThat(ErrorText.line(new SQLException("x".repeat(2_000)), 1000)).hasSize(1001);
    }

    @Test
    void omitsTheStatementOnH2() {
        omitsTheStatement(
                new DriverManagerDataSource(
                        "jdbc:h2:mem:causes;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DB_CLOSE_DELAY=-1"),
                "Table \"payments\" not found",
                "Unique index or primary key violation",
                "Value too long for column",
                "Data conversion error");
    }

    @Test
    void omitsTheStatementOnPostgreSql(@TempDir Path folder) throws Exception {
        try (Postgres postgres = Postgres.start(folder)) {
            omitsTheStatement(
                    new DriverManagerDataSource(postgres.url(), postgres.user(), ""),
                    "ERROR: relation \"payments\" does not exist",
                    "ERROR: duplicate key value violates unique constraint",
                    "ERROR: value too long for type character varying(5)",
                    "ERROR: invalid input syntax for type");
        }
    }

    private static void omitsTheStatement(
            DataSource database, String table, String duplicate, String tooLong, String conversion) {
        JdbcTemplate jdbc = new JdbcTemplate(database);
        assertThat(failure(() -> jdbc.update(LONG))).startsWith(table);
        jdbc.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, name VARCHAR(5))");
        jdbc.update("INSERT INTO kept VALUES (1, 'a')");
        assertThat(failure(() -> jdbc.update("INSERT INTO kept VALUES (1, 'b')")))
                .startsWith(duplicate);
        assertThat(failure(() -> jdbc.update("INSERT INTO kept VALUES (2, 'too long')")))
                .startsWith(tooLong);
        assertThat(failure(() -> jdbc.update("INSERT INTO kept VALUES (CAST('x' AS INTEGER), 'b')")))
                .startsWith(conversion);
        List<Object[]> batch = Collections.nCopies(2, new Object[] {9, "b"});
        assertThat(failure(() -> jdbc.batchUpdate("INSERT INTO kept VALUES (?, ?)", batch)))
                .startsWith(duplicate);
    }

    private static String failure(Runnable statement) {
        String text = ErrorText.line(catchThrowable(statement::run), 1000);
        assertThat(text).doesNotContain("INSERT INTO", "bad SQL grammar", "SQL statement");
        return text;
    }
}
