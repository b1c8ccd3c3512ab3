package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.UncategorizedSQLException;

class DatabaseErrorsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08001", "08006", "25006", "53100", "53300", "55P03", "57P01", "57P02", "57P03", "58030", "90097",
                "90098"
            })
    void isUnavailable(String state) {
        assertThat(DatabaseErrors.unavailable(wrapped(state))).isTrue();
        assertThat(DatabaseErrors.invalidData(wrapped(state))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"22001", "22003", "22007", "22P02", "23502", "23513", "23514"})
    void isInvalidData(String state) {
        assertThat(DatabaseErrors.invalidData(wrapped(state))).isTrue();
        assertThat(DatabaseErrors.unavailable(wrapped(state))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"23503", "23505", "23P01", "42P01", "42601", "57014", "21000", "P0001"})
    void isNeither(String state) {
        assertThat(DatabaseErrors.invalidData(wrapped(state))).isFalse();
        assertThat(DatabaseErrors.unavailable(wrapped(state))).isFalse();
    }

    @Test
    void theClassDecidesWithoutASqlState() {
        assertThat(DatabaseErrors.unavailable(new SQLTransientConnectionException("no connection")))
                .isTrue();
        assertThat(DatabaseErrors.unavailable(new IllegalStateException())).isFalse();
    }

    @Test
    void aReadOnlyFileOfH2IsUnavailable(@TempDir Path folder) throws Exception {
        String url = "jdbc:h2:file:" + folder.resolve("db");
        try (Connection connection = DriverManager.getConnection(url)) {
            connection.createStatement().execute("CREATE TABLE t (id INT)");
        }
        try (Connection connection = DriverManager.getConnection(url + ";ACCESS_MODE_DATA=r")) {
            SQLException failure = Assertions.catchThrowableOfType(
                    SQLException.class, () -> connection.createStatement().execute("INSERT INTO t VALUES (1)"));

            assertThat(DatabaseErrors.unavailable(failure)).isTrue();
            assertThat(connection.isReadOnly())
                    .as("isReadOnly, which the health check uses")
                    .isTrue();
        }
    }

    private static Exception wrapped(String state) {
        return new RuntimeException(new UncategorizedSQLException("task", "SQL", new SQLException("reason", state)));
    }
}
