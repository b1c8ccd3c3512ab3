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
 * The database writes of the steps inside are part of the {@link ConsumerTransaction}. A failure rolls back only these
 * steps.
 */
public class SavepointPolicy extends TransactionPolicy {

    /** A step after them: the record's offset is committed with the {@link ConsumerTransaction}. */
    public static final class Done extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Topics.Source source = bean(Topics.class).source(message.getHeader(KafkaHeaders.TOPIC, String.class));
            bean(ConsumerTransaction.class).add(Delivery.of(message, source, null), false);
        }
    }

    /** Nested means a savepoint: a failure rolls back to it. */
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
            consumerTransaction.begin();
            boolean done = false;
            try {
                nested.process(exchange);
                done = exchange.getException() == null;
            } finally {
                consumerTransaction.recordEnded();
                if (!done) {
                    consumerTransaction.undoOwnEffect();
                    // The next attempt follows after a pause: commit first, so that other records and row locks do not
                    // wait.
                    consumerTransaction.commitBeforeWait();
                }
            }
        };
    }
}
