package dev.caravan.platform.database;

import dev.caravan.platform.context.ContextBean;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The steps inside are one SQL transaction: all of them take effect, or, when one fails, none. They run on the caller's
 * thread, one after the other; a step that hands over to another thread leaves the transaction.
 */
public class TransactionPolicy extends ContextBean implements Policy {

    @Override
    public void beforeWrap(Route route, NamedNode definition) {}

    @Override
    public Processor wrap(Route route, Processor steps) {
        // One for each use: the check of an edit wraps with the bean that the running program uses.
        TransactionTemplate template = new TransactionTemplate(new JdbcTransactionManager(dataSource()));
        template.setPropagationBehavior(propagation());
        return exchange -> template.executeWithoutResult(status -> {
            begun();
            run(exchange, steps);
            if (exchange.getException() != null) {
                status.setRollbackOnly();
            }
        });
    }

    /** The thread is in the transaction now. */
    protected void begun() {}

    /** Runs inside the transaction; a failure of the steps is the exchange's exception. */
    protected void run(Exchange exchange, Processor steps) {
        try {
            steps.process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
    }

    /** What the transaction is to one that the thread is in already: by default, part of it. */
    protected int propagation() {
        return TransactionDefinition.PROPAGATION_REQUIRED;
    }

    protected final DataSource dataSource() {
        return bean(DataSource.class);
    }
}
