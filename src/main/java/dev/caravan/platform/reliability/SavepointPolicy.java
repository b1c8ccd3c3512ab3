package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.database.TransactionPolicy;
import dev.caravan.platform.edge.KafkaHeaders;
import dev.caravan.platform.topics.Topics;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.springframework.transaction.TransactionDefinition;

/**
 * Makes the database writes of the steps inside part of the {@link ConsumerTransaction}. A failure undoes only these
 * steps: it rolls back to a savepoint, or, if no record has failed recently, rolls back the transaction and processes
 * the records before this one again.
 */
public class SavepointPolicy extends TransactionPolicy {

    /** The step after them. It adds the record to the {@link ConsumerTransaction}, which commits its offset. */
    public static final class Done extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Topics.Source source = bean(Topics.class).source(message.getHeader(KafkaHeaders.TOPIC, String.class));
            bean(ConsumerTransaction.class).add(Delivery.of(message, source, null), false);
        }
    }

    /** A nested transaction is a savepoint. */
    @Override
    protected final int propagation() {
        return TransactionDefinition.PROPAGATION_NESTED;
    }

    @Override
    protected final void afterBegin() {
        bean(ConsumerTransaction.class).transactionOpened();
    }

    @Override
    public final Processor wrap(Route route, Processor steps) {
        Processor nested = super.wrap(route, steps);
        return exchange -> {
            ConsumerTransaction consumerTransaction = bean(ConsumerTransaction.class);
            boolean savepoint = consumerTransaction.begin();
            boolean done = false;
            try {
                if (savepoint) {
                    nested.process(exchange);
                } else {
                    runWithoutSavepoint(exchange, steps);
                }
                done = exchange.getException() == null;
            } finally {
                consumerTransaction.recordEnded();
                if (!done) {
                    if (!savepoint) {
                        consumerTransaction.rollback(exchange.getException());
                    }
                    consumerTransaction.undoOwnEffect();
                    // The next attempt follows after a pause: commit first, so that other records and row locks do not
                    // wait.
                    consumerTransaction.commitBeforeWait();
                }
            }
        };
    }

    private void runWithoutSavepoint(Exchange exchange, Processor steps) {
        try {
            afterBegin();
            run(exchange, steps);
        } catch (RuntimeException e) {
            exchange.setException(e);
        }
    }
}
