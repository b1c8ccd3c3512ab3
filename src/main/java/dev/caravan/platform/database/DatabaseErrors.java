package dev.caravan.platform.database;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Distinguishes three kinds of failures: the database is unavailable (waiting helps), the data is invalid (no retry
 * helps), and all others (a retry may help). The SQLSTATE decides if it is known, otherwise the class of the JDBC or
 * Spring exception.
 */
public final class DatabaseErrors {

    /** Connection, resources, operator intervention and system errors. */
    private static final Set<String> UNAVAILABLE_CLASSES = Set.of("08", "53", "57", "58");

    /** Read-only database and lock timeout of PostgreSQL; read-only, closed, locked or unreadable file of H2. */
    private static final Set<String> UNAVAILABLE =
            Set.of("25006", "55P03", "90097", "90020", "90028", "90031", "90067", "90098", "90121");

    /** The statement was cancelled, for example because it ran for too long. */
    private static final String CANCELLED = "57014";

    private static final String DATA_EXCEPTION = "22";

    /**
     * Violations of NOT NULL and CHECK (H2 has its own code for it). Foreign keys (23503, 23506), unique keys (23505)
     * and exclusions (23P01) may hold at a later attempt, after another transaction added the parent row or changed the
     * conflicting row.
     */
    private static final Set<String> INVALID = Set.of("23502", "23513", "23514");

    private DatabaseErrors() {}

    /** Matches failures for which {@link DatabaseErrors#unavailable} holds. */
    public static final class Unavailable implements Predicate {
        @Override
        public boolean matches(Exchange exchange) {
            return unavailable(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        }
    }

    /** Whether the database cannot be reached, or currently rejects all statements or all writes. */
    public static boolean unavailable(Throwable failure) {
        String state = state(failure);
        if (state.equals(CANCELLED)) {
            return false;
        }
        return UNAVAILABLE.contains(state)
                || state.length() == 5 && UNAVAILABLE_CLASSES.contains(state.substring(0, 2))
                || Stream.of(
                                DataAccessResourceFailureException.class,
                                TransientDataAccessException.class,
                                RecoverableDataAccessException.class,
                                TransactionException.class,
                                SQLTransientException.class,
                                SQLRecoverableException.class,
                                SQLNonTransientConnectionException.class)
                        .anyMatch(type -> causes(failure).anyMatch(type::isInstance));
    }

    public static boolean timedOut(Throwable failure) {
        return state(failure).equals(CANCELLED);
    }

    /**
     * Whether the data fails at every attempt: a value out of range, a malformed value, a violated constraint on the row
     * itself.
     */
    public static boolean invalidData(Throwable failure) {
        String state = state(failure);
        return state.startsWith(DATA_EXCEPTION) || INVALID.contains(state);
    }

    /** The SQLSTATE of the innermost exception that has one. */
    private static String state(Throwable failure) {
        return causes(failure)
                .filter(SQLException.class::isInstance)
                .map(cause -> ((SQLException) cause).getSQLState())
                .filter(Objects::nonNull)
                .reduce("", (outer, inner) -> inner);
    }

    /** Ignores suppressed exceptions, in which Camel keeps the failure of the previous attempt. */
    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(50);
    }
}
