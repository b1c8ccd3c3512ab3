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
 * Warns about tables and columns in statements of {@code sql:} endpoints that no migration creates, neither the
 * program's nor the user's. An empty embedded database, to which all migrations were applied, prepares each statement.
 *
 * <p>These are warnings, because a table may be created by other means. Statements that only PostgreSQL understands,
 * and those for another {@code dataSource}, are not checked.
 */
final class StatementCheck {

    private static final Pattern PARAMETER =
            Pattern.compile(":[#?](?:in:)?(?:\\$\\{[^}]*}|[\\w.-]+(?:\\[[^]]*])?)|(?<![:\\w'])#");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"");
    private static final Set<Integer> NO_TABLE = Set.of(42102, 42103, 42104);
    private static final int NO_COLUMN = 42122;

    private record UnknownName(String name, String reason) {}

    private final DataSource database;

    /** @param program with an embedded database in memory, which this check may migrate */
    StatementCheck(CamelContext program) {
        database = program.getRegistry().findSingleByType(DataSource.class);
    }

    /**
     * @param names of the files to check; if they have no statement, the database is not opened
     * @throws InvalidMigrationException if a migration of the user is invalid
     */
    List<LintWarning> warnings(CandidateRoutes candidate, Set<String> names) throws InvalidMigrationException {
        List<LintWarning> warnings = new ArrayList<>();
        for (RouteDefinition route : candidate.routes()) {
            RouteFile file = candidate.file(route);
            if (file != null && names.contains(file.name())) {
                check(candidate, route, candidate.line(route), CandidateRoutes.uri(route), warnings);
                for (ProcessorDefinition<?> step :
                        CandidateRoutes.sendSteps(route).toList()) {
                    check(candidate, route, candidate.line(route, step), CandidateRoutes.uri(step), warnings);
                }
            }
        }
        return warnings;
    }

    private void check(
            CandidateRoutes candidate, RouteDefinition route, int line, String uri, List<LintWarning> warnings)
            throws InvalidMigrationException {
        if (uri.startsWith("sql:")
                && candidate.endpoint(candidate.resolved(route, uri)).orElse(null) instanceof SqlEndpoint sql
                && (sql.getDataSource() == null || sql.getDataSource() == database)) {
            unknownName(sql.getQuery())
                    .ifPresent(unknown -> warnings.add(new LintWarning(
                            candidate.file(route).name(),
                            candidate.file(route).lineBelow(line, unknown.name()),
                            route.getRouteId(),
                            unknown.reason())));
        }
    }

    private Optional<UnknownName> unknownName(String statement) throws InvalidMigrationException {
        try (Connection connection = database.getConnection()) {
            connection
                    .prepareStatement(PARAMETER.matcher(statement).replaceAll("?"))
                    .close();
            return Optional.empty();
        } catch (InvalidMigrationException e) {
            throw e;
        } catch (SQLException e) {
            Matcher quoted = QUOTED.matcher(e.getMessage());
            if (!NO_TABLE.contains(e.getErrorCode()) && e.getErrorCode() != NO_COLUMN || !quoted.find()) {
                return Optional.empty();
            }
            // H2 puts the name or alias of the table before a column.
            String name = quoted.group(1).replaceFirst(".*\\.", "");
            return Optional.of(new UnknownName(
                    name,
                    e.getErrorCode() == NO_COLUMN
                            ? "the tables of this statement have no column " + name
                            : "no migration creates the table " + name
                                    + similarTable(name)
                                            .map(each -> "; did you mean " + each + "?")
                                            .orElse("")));
        }
    }

    private Optional<String> similarTable(String unknown) {
        Set<String> tables = new TreeSet<>();
        try (Connection connection = database.getConnection();
                ResultSet rows = connection.getMetaData().getTables(null, "public", null, null)) {
            while (rows.next()) {
                tables.add(rows.getString("TABLE_NAME"));
            }
        } catch (SQLException e) {
            return Optional.empty();
        }
        return Spelling.closest(unknown, tables).stream().findFirst();
    }
}
