package dev.caravan.reliability;

import dev.caravan.context.InContext;
import dev.caravan.database.Transaction;
import dev.caravan.topics.Topics;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.component.kafka.KafkaConstants;
import org.springframework.transaction.TransactionDefinition;

/** What the steps inside write to the database is part of their {@link Batch}; when they fail, only theirs is taken back. */
public class Batched extends Transaction {

    /** A step behind them: the record's offset is committed with the batch, too. */
    public static final class Done extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Topics.Source source = bean(Topics.class).source(message.getHeader(KafkaConstants.TOPIC, String.class));
            bean(Batch.class).add(Delivery.of(message, source, null), false);
        }
    }

    /** A savepoint, to which a failure goes back. */
    @Override
    protected final int propagation() {
        return TransactionDefinition.PROPAGATION_NESTED;
    }

    @Override
    protected final void begun() {
        bean(Batch.class).entered();
    }

    @Override
    public final Processor wrap(Route route, Processor steps) {
        Processor nested = super.wrap(route, steps);
        return exchange -> {
            Batch batch = bean(Batch.class);
            batch.begin();
            boolean done = false;
            try {
                nested.process(exchange);
                done = exchange.getException() == null;
            } finally {
                batch.left();
                if (!done) {
                    batch.back();
                    // What is tried again after a pause must not keep the others waiting, nor the rows that they have
                    // locked.
                    batch.end();
                }
            }
        };
    }
}
