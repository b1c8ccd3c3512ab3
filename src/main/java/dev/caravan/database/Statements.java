package dev.caravan.database;

import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.component.sql.DefaultSqlPrepareStatementStrategy;

/**
 * Camel's named parameters for an endpoint whose query runs for each record or request: the query is looked through once, and
 * not three times for each. For queries that stand in a route, without {@code in:} parameters, whose number of values is known late.
 */
public final class Statements extends DefaultSqlPrepareStatementStrategy {

    private final Map<String, String> prepared = new ConcurrentHashMap<>();
    private final Map<String, Boolean> named = new ConcurrentHashMap<>();

    @Override
    public String prepareQuery(String query, boolean allowNamedParameters, Exchange exchange) throws SQLException {
        String known = prepared.get(query);
        if (known == null) {
            known = super.prepareQuery(query, allowNamedParameters, exchange);
            prepared.put(query, known);
        }
        return known;
    }

    @Override
    protected boolean hasNamedParameters(String query) {
        return named.computeIfAbsent(query, super::hasNamedParameters);
    }
}
