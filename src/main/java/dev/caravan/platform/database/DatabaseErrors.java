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
 * Tells three kinds of failures apart: the database is unavailable (waiting helps), the data is invalid (nothing
 * helps), and all others (another attempt may help). The SQLSTATE decides where it is known, else the class of JDBC's
 * or Spring's exception.
 */
public final class DatabaseErrors {

    /** Connection, resources, operator intervention and system errors. */
    private static final Set<String> UNAVAILABLE_CLASSES = Set.of("08", "53", "57", "58");

    /** Read-only database and lock timeout of PostgreSQL; read-only, closed, locked or unreadable file of H2. */
    private static final Set<String> UNAVAILABLE =
            Set.of("25006", "55P03", "90097", "90020", "90028", "90031", "90067", "90098", "90121");

    /** The statement ran for too long, or was cancelled. */
    private static final String CANCELLED = "57014";

    private static final String DATA_EXCEPTION = "22";

    /**
     * Not null, and check (H2 has a code of its own for it). A foreign key (23503, 23506), a unique key (23505) and an
     * exclusion (23P01) may hold at a later attempt, when another transaction has added the parent, or has removed or
     * updated the twin.
     */
    private static final Set<String> INVALID = Set.of("23502", "23513", "23514");

    private DatabaseErrors() {}

    /** Matches a failure that {@link DatabaseErrors#unavailable}. */
    public static final class Unavailable implements Predicate {
        @Override
        public boolean matches(Exchange exchange) {
            return unavailable(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        }
    }

    /** Whether the database cannot be reached, or takes nothing at present. */
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

    /** Whether a statement was ended because it ran for too long. */
    public static boolean timedOut(Throwable failure) {
        return state(failure).equals(CANCELLED);
    }

    /**
     * Whether the same data fails at every attempt: a value that is out of range or malformed, a constraint on the row
     * itself.
     */
    public static boolean invalidData(Throwable failure) {
        String state = state(failure);
        return state.startsWith(DATA_EXCEPTION) || INVALID.contains(state);
    }

    /** Of the innermost exception that has one. */
    private static String state(Throwable failure) {
        return causes(failure)
                .filter(SQLException.class::isInstance)
                .map(cause -> ((SQLException) cause).getSQLState())
                .filter(Objects::nonNull)
                .reduce("", (outer, inner) -> inner);
    }

    /** Not what is suppressed: there Camel keeps the failure of the attempt before. */
    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(50);
    }
}
