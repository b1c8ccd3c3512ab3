package dev.caravan.live;

import dev.caravan.platform.context.Spelling;
import dev.caravan.platform.database.InvalidMigrationException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.component.sql.SqlEndpoint;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;

/**
 * Finds tables and columns in the statements of {@code sql:} endpoints that no migration creates, neither the program's
 * nor the user's. An empty embedded database, to which all migrations were applied, is asked to prepare each statement.
 *
 * <p>What is found is a warning, because a table may be created by other means. Statements that only PostgreSQL
 * understands, and those for another {@code dataSource}, are not checked.
 */
final class StatementCheck {

    private static final Pattern PARAMETER =
            Pattern.compile(":[#?](?:in:)?(?:\\$\\{[^}]*}|[\\w.-]+(?:\\[[^]]*])?)|(?<![:\\w'])#");
    private static final Pattern NAMED = Pattern.compile("\"([^\"]+)\"");
    private static final Set<Integer> NO_TABLE = Set.of(42102, 42103, 42104);
    private static final int NO_COLUMN = 42122;

    private final DataSource database;

    /** @param program one with an embedded database in memory, which may be migrated */
    StatementCheck(CamelContext program) {
        database = program.getRegistry().findSingleByType(DataSource.class);
    }

    /**
     * @param names of the files to check; without any statement the database is not asked
     * @throws InvalidMigrationException if a migration of the user is wrong
     */
    List<LintWarning> warnings(CandidateRoutes candidateRoutes, Set<String> names) throws InvalidMigrationException {
        List<LintWarning> warnings = new ArrayList<>();
        for (RouteDefinition route : candidateRoutes.routes()) {
            if (candidateRoutes.file(route) == null
                    || !names.contains(candidateRoutes.file(route).name())) {
                continue;
            }
            check(candidateRoutes, route, candidateRoutes.line(route), CandidateRoutes.uri(route), warnings);
            for (ProcessorDefinition<?> step : CandidateRoutes.sends(route).toList()) {
                check(candidateRoutes, route, candidateRoutes.line(route, step), CandidateRoutes.uri(step), warnings);
            }
        }
        return warnings;
    }

    private void check(
            CandidateRoutes candidateRoutes, RouteDefinition route, int line, String uri, List<LintWarning> warnings)
            throws InvalidMigrationException {
        Optional<String> statement = statement(candidateRoutes, route, uri);
        if (statement.isPresent()) {
            warning(candidateRoutes, route, line, statement.get()).ifPresent(warnings::add);
        }
    }

    private Optional<String> statement(CandidateRoutes candidateRoutes, RouteDefinition route, String uri) {
        return uri.startsWith("sql:")
                ? candidateRoutes
                        .endpoint(candidateRoutes.resolved(route, uri), SqlEndpoint.class)
                        .filter(each -> each.getDataSource() == null || each.getDataSource() == database)
                        .map(SqlEndpoint::getQuery)
                : Optional.empty();
    }

    private Optional<LintWarning> warning(
            CandidateRoutes candidateRoutes, RouteDefinition route, int line, String statement)
            throws InvalidMigrationException {
        try (Connection connection = database.getConnection()) {
            connection
                    .prepareStatement(PARAMETER.matcher(statement).replaceAll("?"))
                    .close();
            return Optional.empty();
        } catch (InvalidMigrationException e) {
            throw e;
        } catch (SQLException e) {
            Matcher named = NAMED.matcher(e.getMessage());
            if (!NO_TABLE.contains(e.getErrorCode()) && e.getErrorCode() != NO_COLUMN || !named.find()) {
                return Optional.empty();
            }
            // A column has its table's name or alias before it.
            String name = named.group(1).replaceFirst(".*\\.", "");
            RouteFile file = candidateRoutes.file(route);
            String reason = e.getErrorCode() == NO_COLUMN
                    ? "the tables of this statement have no column " + name
                    : "no migration creates the table " + name
                            + like(name)
                                    .map(each -> "; did you mean " + each + "?")
                                    .orElse("");
            return Optional.of(new LintWarning(file.name(), file.lineBelow(line, name), route.getRouteId(), reason));
        }
    }

    private Optional<String> like(String unknown) {
        Set<String> tables = new TreeSet<>();
        try (Connection connection = database.getConnection();
                ResultSet rows = connection.getMetaData().getTables(null, "public", null, null)) {
            while (rows.next()) {
                tables.add(rows.getString("TABLE_NAME"));
            }
        } catch (SQLException e) {
            return Optional.empty();
        }
        return Spelling.like(unknown, tables).stream().findFirst();
    }
}
