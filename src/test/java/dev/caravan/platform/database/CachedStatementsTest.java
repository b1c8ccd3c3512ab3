package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.sql.SqlComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Parameters and rows of SQL steps that use {@link CachedStatements}. */
class CachedStatementsTest {

    private final DefaultCamelContext context = new DefaultCamelContext();

    @BeforeEach
    void start() {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:");
        SqlComponent sql = new SqlComponent();
        sql.setDataSource(database);
        context.addComponent("sql", sql);
        context.getRegistry().bind("statements", new CachedStatements());
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void readsAParameterFromBodyThenHeadersThenVariables() {
        Exchange exchange = exchange(Map.of("a", "from the body"));
        exchange.getMessage().setHeader("a", "from a header");
        exchange.getMessage().setHeader("b", "from a header");
        exchange.setVariable("b", "from a variable");
        exchange.setVariable("c", "from a variable");

        assertThat(row(
                        "SELECT CAST(:#a AS VARCHAR) AS a, CAST(:#b AS VARCHAR) AS b, CAST(:#c AS VARCHAR) AS c",
                        exchange))
                .containsEntry("A", "from the body")
                .containsEntry("B", "from a header")
                .containsEntry("C", "from a variable");
    }

    @Test
    void readsParametersFromHeadersIfTheBodyIsNoMap() {
        for (Object body : new Object[] {null, List.of("a"), "a"}) {
            Exchange exchange = exchange(body);
            exchange.getMessage().setHeader("a", "from a header");

            assertThat(row("SELECT CAST(:#a AS VARCHAR) AS a, 1 AS b", exchange))
                    .containsEntry("A", "from a header");
        }
    }

    @Test
    void evaluatesAnExpressionForEachMessage() {
        String query = "SELECT CAST(:#${exchangeProperty.name} AS VARCHAR) AS name, CAST(:#${body[x]} AS INT) AS x";
        for (int x = 1; x <= 2; x++) {
            Exchange exchange = exchange(Map.of("x", x));
            exchange.setProperty("name", "name " + x);

            assertThat(row(query, exchange)).containsEntry("NAME", "name " + x).containsEntry("X", x);
        }
    }

    @Test
    void leavesOtherFormsToCamel() {
        String in = "SELECT COUNT(*) AS n, 0 AS z FROM SYSTEM_RANGE(1, 5) WHERE X IN (:#in:numbers)";

        assertThat(row(in, exchange(Map.of("numbers", List.of(1, 3))))).containsEntry("N", 2L);
        assertThat(row(in, exchange(Map.of("numbers", List.of(1, 2, 3))))).containsEntry("N", 3L);
        assertThat(row("SELECT CAST(:#$simple{body[n]} AS INT) AS n, 0 AS z", exchange(Map.of("n", 3))))
                .containsEntry("N", 3);
        assertThat(row("SELECT CAST(:#n AS INT) AS n, CAST(:#$simple{body[n]} AS INT) AS z", exchange(Map.of("n", 4))))
                .containsEntry("N", 4)
                .containsEntry("Z", 4);
        assertThat(row("SELECT CAST(# AS INT) AS n, CAST(# AS INT) AS z", exchange(List.of(5, 6))))
                .containsEntry("N", 5)
                .containsEntry("Z", 6);
    }

    @Test
    void namesAMissingParameter() {
        assertThatThrownBy(() -> row("SELECT CAST(:#nowhere AS VARCHAR) AS a, 1 AS b", exchange(Map.of())))
                .rootCause()
                .hasMessageContaining("nowhere");
    }

    @Test
    void acceptsNullValues() {
        Exchange exchange = exchange(Map.of());
        exchange.getMessage().setHeader("a", null);

        assertThat(row("SELECT CAST(:#a AS VARCHAR) AS a, 1 AS b", exchange)).containsEntry("A", null);
    }

    @Test
    void columnsKeepTheirOrderAndIgnoreCase() {
        Map<String, Object> row = row("SELECT 1 AS \"second\", 2 AS \"First\", 3 AS third", exchange(null));

        assertThat(row.keySet()).containsExactly("second", "First", "THIRD");
        assertThat(row).containsEntry("first", 2).containsEntry("SECOND", 1).containsEntry("third", 3);
        assertThat(row.get("fourth")).isNull();
        assertThat(row.containsKey("fourth")).isFalse();
    }

    @Test
    void rowsAreMutable() {
        Map<String, Object> row = row("SELECT 1 AS a, 2 AS b", exchange(null));

        assertThat(row.remove("a")).isEqualTo(1);
        row.put("c", 3);

        assertThat(row.keySet()).containsExactly("B", "c");
        assertThat(row).containsEntry("b", 2).containsEntry("C", 3).doesNotContainKey("a");
    }

    @Test
    void theFirstColumnOfANameWins() {
        assertThat(row("SELECT 1 AS a, 2 AS b, 3 AS a, 4 AS c", exchange(null)).values())
                .containsExactly(1, 2, 4);
    }

    @Test
    void readsLargeObjectsBeforeTheConnectionCloses() {
        Map<String, Object> row =
                row("SELECT CAST('text' AS CLOB) AS text, CAST(X'0102' AS BLOB) AS bytes", exchange(null));

        assertThat(row.get("text")).isEqualTo("text");
        assertThat((byte[]) row.get("bytes")).containsExactly(1, 2);
    }

    private Exchange exchange(Object body) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(body);
        return exchange;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> row(String query, Exchange exchange) {
        Exchange done = context.createFluentProducerTemplate()
                .withExchange(exchange)
                .to("sql:" + query.replace("%", "%25") + "?prepareStatementStrategy=#statements")
                .send();
        if (done.getException() != null) {
            throw new IllegalStateException(done.getException());
        }
        return (Map<String, Object>) done.getMessage().getBody(List.class).get(0);
    }
}
