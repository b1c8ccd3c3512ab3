package dev.caravan.database;

import java.sql.Blob;
import java.sql.Clob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.component.sql.DefaultRowMapperFactory;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * Rows of a query as maps in the order of its columns, which are found in whatever case they are asked for, as with Camel's own;
 * but the names are looked at once for each result and not for each value of each row.
 */
public final class Columns extends DefaultRowMapperFactory {

    /** Camel asks for one for each result. */
    @Override
    public RowMapper<?> newColumnRowMapper() {
        return new RowMapper<Map<String, Object>>() {
            private Row.Names names;

            @Override
            public Map<String, Object> mapRow(ResultSet result, int number) throws SQLException {
                if (names == null) {
                    names = names(result.getMetaData());
                }
                Object[] values = new Object[names.columns().length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = value(result, names.columns()[i]);
                }
                return new Row(names, values);
            }
        };
    }

    /** Of two columns of one name the first one counts. */
    private static Row.Names names(ResultSetMetaData result) throws SQLException {
        Map<String, Integer> places = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        Map<String, Integer> columns = new LinkedHashMap<>();
        for (int column = 1; column <= result.getColumnCount(); column++) {
            String name = JdbcUtils.lookupColumnName(result, column);
            if (places.putIfAbsent(name, columns.size()) == null) {
                columns.put(name, column);
            }
        }
        return new Row.Names(
                columns.keySet().toArray(String[]::new),
                columns.values().stream().mapToInt(column -> column).toArray(),
                places);
    }

    /** A large object is read while its connection is open. */
    private static Object value(ResultSet result, int column) throws SQLException {
        Object value = result.getObject(column);
        return value instanceof Blob || value instanceof Clob ? JdbcUtils.getResultSetValue(result, column) : value;
    }
}
