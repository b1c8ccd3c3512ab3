package dev.caravan.platform.database;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Message;
import org.apache.camel.RuntimeExchangeException;
import org.apache.camel.component.sql.DefaultSqlPrepareStatementStrategy;

/**
 * Camel's named parameters for queries that run for each record or request. Parses a query and its expressions once;
 * Camel parses the query three times for each run. Leaves other forms to Camel: positional parameters, {@code in:} lists,
 * nested expressions, batches.
 */
public final class CachedStatements extends DefaultSqlPrepareStatementStrategy {

    /** A name, or an expression without nested braces, after {@code :?}, to which Camel converts {@code :#}. */
    private static final Pattern PARAMETER = Pattern.compile(":\\?(?!in:)(\\w+|\\$\\{[^{}]+})");

    /** The value of one parameter. */
    private interface Parameter {
        Object of(Exchange exchange, Map<?, ?> body);
    }

    private record CachedStatement(String prepared, List<Parameter> parameters) {}

    private final Map<String, CachedStatement> queries = new ConcurrentHashMap<>();

    @Override
    public String prepareQuery(String query, boolean allowNamedParameters, Exchange exchange) throws SQLException {
        CachedStatement statement = queries.get(query);
        if (statement != null) {
            return statement.prepared();
        }
        String prepared = super.prepareQuery(query, allowNamedParameters, exchange);
        String rest = PARAMETER.matcher(query).replaceAll("");
        if (allowNamedParameters && !rest.equals(query) && !rest.contains(":?")) {
            queries.put(query, new CachedStatement(prepared, parameters(query, exchange)));
        }
        return prepared;
    }

    private static List<Parameter> parameters(String query, Exchange exchange) {
        return PARAMETER
                .matcher(query)
                .results()
                .map(match -> parameter(match.group(1), exchange))
                .toList();
    }

    private static Parameter parameter(String name, Exchange first) {
        if (name.startsWith("$")) {
            Expression expression = first.getContext().resolveLanguage("simple").createExpression(name);
            expression.init(first.getContext());
            return (exchange, body) -> expression.evaluate(exchange, Object.class);
        }
        return (exchange, body) -> {
            Message message = exchange.getMessage();
            if (body.containsKey(name)) {
                return body.get(name);
            }
            if (message.getHeaders().containsKey(name)) {
                return message.getHeader(name);
            }
            if (exchange.getVariables().containsKey(name)) {
                return exchange.getVariables().get(name);
            }
            throw new RuntimeExchangeException(
                    "No value for the statement's parameter " + name + " in body, headers or variables", exchange);
        };
    }

    /** Avoids Camel's type converter if there is none: each search for one takes as long as a query. */
    private static Map<?, ?> map(Exchange exchange, Object body) {
        if (body instanceof Map<?, ?> map) {
            return map;
        }
        Map<?, ?> map = body == null || body instanceof Collection
                ? null
                : exchange.getContext().getTypeConverter().tryConvertTo(Map.class, exchange, body);
        return map == null ? Map.of() : map;
    }

    @Override
    public Iterator<?> createPopulateIterator(
            String query, String prepared, int expected, Exchange exchange, Object body) throws SQLException {
        CachedStatement statement = queries.get(query);
        // In a batch, Camel passes one element of the message's body.
        if (statement == null || body != exchange.getMessage().getBody()) {
            return super.createPopulateIterator(query, prepared, expected, exchange, body);
        }
        Map<?, ?> map = map(exchange, body);
        return statement.parameters().stream()
                .map(parameter -> parameter.of(exchange, map))
                .iterator();
    }
}
