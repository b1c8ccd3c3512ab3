package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.database.TransactionPolicy;
import dev.caravan.platform.topics.Topics;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.component.kafka.KafkaConstants;
import org.springframework.transaction.TransactionDefinition;

/** What the steps inside write to the database is part of their {@link ConsumerTransaction}; when they fail, only theirs is taken back. */
public class SavepointPolicy extends TransactionPolicy {

    /** A step behind them: the record's offset is committed with the batch, too. */
    public static final class Done extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Topics.Source source = bean(Topics.class).source(message.getHeader(KafkaConstants.TOPIC, String.class));
            bean(ConsumerTransaction.class).add(Delivery.of(message, source, null), false);
        }
    }

    /** A savepoint, to which a failure goes back. */
    @Override
    protected final int propagation() {
        return TransactionDefinition.PROPAGATION_NESTED;
    }

    @Override
    protected final void begun() {
        bean(ConsumerTransaction.class).entered();
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
                consumerTransaction.left();
                if (!done) {
                    consumerTransaction.back();
                    // What is tried again after a pause must not keep the others waiting, nor the rows that they have
                    // locked.
                    consumerTransaction.end();
                }
            }
        };
    }
}
