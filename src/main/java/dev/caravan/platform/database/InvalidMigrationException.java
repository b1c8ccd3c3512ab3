package dev.caravan.platform.database;

import java.sql.SQLException;

/** A file of {@code MIGRATIONS_DIR} that cannot be applied. The message is one line and names the file. */
public final class InvalidMigrationException extends SQLException {

    private static final long serialVersionUID = 1L;

    InvalidMigrationException(String message) {
        super(message);
    }
}
