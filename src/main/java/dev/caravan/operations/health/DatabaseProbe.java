package dev.caravan.operations.health;

import dev.caravan.platform.database.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/** Up if the database answers on a pooled connection and accepts writes. After a failover it may be read-only. */
public final class DatabaseProbe extends Probe {

    private static final int TIMEOUT_SECONDS = 2;

    public DatabaseProbe() {
        super("database");
    }

    @Override
    void probe() throws Exception {
        DataSource database = getCamelContext().getRegistry().findSingleByType(DataSource.class);
        if (database instanceof Database pool && pool.isReadOnly()) {
            throw new IllegalStateException("is read-only");
        }
        try (Connection connection = database.getConnection()) {
            if (!connection.isValid(TIMEOUT_SECONDS)) {
                throw new IllegalStateException("does not answer");
            }
            if (connection.isReadOnly() || connection.isWrapperFor(PGConnection.class) && isReadOnly(connection)) {
                throw new IllegalStateException("is read-only");
            }
        }
    }

    /** {@code Connection.isReadOnly} only reports what this program requested. */
    private static boolean isReadOnly(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet setting = statement.executeQuery("SHOW transaction_read_only")) {
            return setting.next() && "on".equals(setting.getString(1));
        }
    }
}
