package dev.caravan.health;

import java.sql.Connection;
import javax.sql.DataSource;

/** Ready when the database answers on a connection of the pool. */
public final class DatabaseProbe extends Probe {

    private static final int TIMEOUT_SECONDS = 2;

    public DatabaseProbe() {
        super("database");
    }

    @Override
    void probe() throws Exception {
        DataSource database = getCamelContext().getRegistry().findSingleByType(DataSource.class);
        try (Connection connection = database.getConnection()) {
            if (!connection.isValid(TIMEOUT_SECONDS)) {
                throw new IllegalStateException("does not answer");
            }
        }
    }
}
