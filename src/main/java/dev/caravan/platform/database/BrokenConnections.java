package dev.caravan.platform.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;

/**
 * Removes a connection from the pool at the first error after which it can do nothing more, beside those that Hikari knows. Otherwise
 * Hikari finds out only when the connection has not been used for half a second.
 */
public final class BrokenConnections implements SQLExceptionOverride {

    private static final Set<String> STATES = Set.of(
            "25006", // PostgreSQL: the server became a standby, or its disk read-only
            "90067", // H2: the connection is broken
            "90098", // H2: the database has been closed
            "90121"); // H2: the session has been closed

    @java.lang.Override
    public Override adjudicate(SQLException failure) {
        return STATES.contains(failure.getSQLState()) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }
}
