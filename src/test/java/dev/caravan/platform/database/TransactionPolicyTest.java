package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.Engine;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.sql.SqlComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** In routes with an error handler around every step, like those with the configurations http and reliable. */
class TransactionPolicyTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Database database = Engine.H2.database();
    private final JdbcTemplate jdbc = new JdbcTemplate(database);

    @BeforeEach
    void start() throws Exception {
        jdbc.execute("CREATE TABLE written (number INT)");
        context.getRegistry().bind("dataSource", database);
        SqlComponent sql = new SqlComponent();
        sql.setDataSource(database);
        context.addComponent("sql", sql);
        TransactionPolicy transaction = new TransactionPolicy();
        transaction.setCamelContext(context);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:handles")
                        .onException(IllegalStateException.class)
                        .handled(true)
                        .setBody(constant("handled"))
                        .end()
                        .policy(transaction)
                        .to("sql:INSERT INTO written VALUES (1)")
                        .choice()
                        .when(simple("${body} == 'fails'"))
                        .to("sql:INSERT INTO written VALUES (2)")
                        .throwException(IllegalStateException.class, "inside")
                        .end();
                from("direct:repeats")
                        .errorHandler(deadLetterChannel("direct:dead")
                                .maximumRedeliveries(1)
                                .redeliveryDelay(0))
                        .policy(transaction)
                        .to("sql:INSERT INTO written VALUES (1)")
                        .throwException(IllegalStateException.class, "inside");
                from("direct:dead").setProperty("dead", constant(true));
            }
        });
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
        database.close();
    }

    @Test
    void commitsSuccessfulSteps() {
        send("direct:handles", "fine");

        assertThat(rows()).isOne();
    }

    @Test
    void aHandledFailureRollsBack() {
        Exchange exchange = send("direct:handles", "fails");

        assertThat(exchange.getException()).isNull();
        assertThat(exchange.getMessage().getBody()).isEqualTo("handled");
        assertThat(rows()).isZero();
    }

    @Test
    void eachAttemptIsItsOwnTransaction() {
        Exchange exchange = send("direct:repeats", "fails");

        assertThat(exchange.getProperty("dead")).isEqualTo(true);
        assertThat(rows()).isZero();
    }

    private Exchange send(String route, String body) {
        return context.createProducerTemplate()
                .request(route, exchange -> exchange.getMessage().setBody(body));
    }

    private int rows() {
        return jdbc.queryForObject("SELECT COUNT(*) FROM written", Integer.class);
    }
}
