package dev.caravan.platform.database;

import dev.caravan.platform.context.ErrorText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * The user's own tables: SQL files {@code V1__shipments.sql}, {@code R__views.sql} … of {@code MIGRATIONS_DIR}. Flyway
 * applies them after Caravan's own migrations and keeps a separate history. PostgreSQL applies a file entirely or not at
 * all; H2 keeps the effects of the statements before an invalid one.
 *
 * @param folder may be missing
 */
record UserMigrations(Path folder) {

    static final String HISTORY = "user_schema_history";

    private static final Pattern FAILED = Pattern.compile("(\\S+\\.sql)\\b");
    private static final Pattern LINE = Pattern.compile("Line\\s*: (\\d+)");

    /**
     * @param program the configuration of Caravan's own migrations, with the same placeholders
     * @throws InvalidMigrationException if a file is invalid or was changed after it had been applied
     * @throws FlywayException if the database is unavailable
     */
    void migrate(FluentConfiguration program) throws InvalidMigrationException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Flyway flyway = program.locations("filesystem:" + folder.toAbsolutePath())
                .table(HISTORY)
                // Caravan's tables exist already.
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .validateMigrationNaming(true)
                .load();
        try {
            flyway.migrate();
        } catch (FlywayException e) {
            if (DatabaseErrors.unavailable(e)) {
                throw e;
            }
            forgetFailure(flyway.getConfiguration().getDataSource());
            throw new InvalidMigrationException(text(e));
        }
    }

    private String text(FlywayException e) {
        Matcher failed = FAILED.matcher(e.getMessage());
        if (failed.find()) {
            Matcher line = LINE.matcher(e.getMessage());
            return folder.resolve(failed.group(1)) + (line.find() ? ":" + line.group(1) : "") + ": "
                    + ErrorText.root(e, 500);
        }
        return "MIGRATIONS_DIR=" + folder + ": "
                + e.getMessage()
                        .lines()
                        .map(String::strip)
                        .filter(each -> !each.isEmpty() && !each.startsWith("Need more flexibility"))
                        .collect(Collectors.joining(" "));
    }

    /** Deletes the failure that H2 keeps; because of it Flyway would reject the corrected file. */
    private static void forgetFailure(DataSource database) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM \"" + HISTORY + "\" WHERE \"success\" = FALSE");
        } catch (SQLException e) {
            // There is no history yet.
        }
    }
}
