package dev.caravan.platform.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;

/**
 * Removes a connection from the pool after an error that makes it unusable, in addition to the errors that Hikari knows.
 * Hikari's own check skips connections that were used within the last half second. It also misses an embedded H2 store
 * that an interrupt has closed, because H2's {@code isValid} checks only the session.
 */
public final class BrokenConnections implements SQLExceptionOverride {

    /** PostgreSQL: the server became a standby, or its disk read-only. */
    static final String READ_ONLY = "25006";

    private static final Set<String> STATES = Set.of(
            READ_ONLY, "90067", // H2: the connection is broken
            "90098", // H2: the database has been closed
            "90121"); // H2: the session has been closed

    private final Runnable evictIdle;

    /** @param evictIdle called when a server has become read-only, which makes all connections to it outdated */
    BrokenConnections(Runnable evictIdle) {
        this.evictIdle = evictIdle;
    }

    // Qualified, because the interface has a nested type named Override.
    @java.lang.Override
    public Override adjudicate(SQLException failure) {
        if (READ_ONLY.equals(failure.getSQLState())) {
            evictIdle.run();
        }
        return STATES.contains(failure.getSQLState()) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }
}
