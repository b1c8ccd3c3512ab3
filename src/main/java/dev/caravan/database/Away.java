package dev.caravan.database;

import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.stream.Stream;
import org.apache.camel.util.ObjectHelper;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/** Tells a database that is away, goes away or is not there yet from a statement that is wrong, as Spring and JDBC do. */
public final class Away {

    private Away() {}

    public static boolean causes(Throwable failure) {
        return Stream.of(
                        DataAccessResourceFailureException.class,
                        TransientDataAccessException.class,
                        RecoverableDataAccessException.class,
                        TransactionException.class,
                        SQLTransientException.class,
                        SQLRecoverableException.class,
                        SQLNonTransientConnectionException.class)
                .anyMatch(away -> ObjectHelper.getException(away, failure) != null);
    }
}
