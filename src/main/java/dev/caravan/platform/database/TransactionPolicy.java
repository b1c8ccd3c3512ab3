package dev.caravan.platform.database;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.InnerErrorHandlers;
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
 * Runs the steps inside in one SQL transaction: if one fails, none takes effect. They run on the caller's thread; a step
 * that switches to another thread leaves the transaction.
 */
public class TransactionPolicy extends ContextBean implements Policy {

    @Override
    public void beforeWrap(Route route, NamedNode definition) {}

    @Override
    public Processor wrap(Route route, Processor steps) {
        InnerErrorHandlers.remove(steps);
        // Not a field: the check of an edit wraps steps with the same bean as the running program.
        TransactionTemplate template = new TransactionTemplate(new JdbcTransactionManager(dataSource()));
        template.setPropagationBehavior(propagation());
        return exchange -> template.executeWithoutResult(status -> {
            afterBegin();
            run(exchange, steps);
            if (exchange.getException() != null) {
                status.setRollbackOnly();
            }
        });
    }

    /** Called on the thread after the transaction has begun. */
    protected void afterBegin() {}

    /** Runs inside the transaction; a failure of the steps is the exchange's exception. */
    protected void run(Exchange exchange, Processor steps) {
        try {
            steps.process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
    }

    /** The propagation behavior; by default the steps join the thread's current transaction. */
    protected int propagation() {
        return TransactionDefinition.PROPAGATION_REQUIRED;
    }

    protected final DataSource dataSource() {
        return bean(DataSource.class);
    }
}
