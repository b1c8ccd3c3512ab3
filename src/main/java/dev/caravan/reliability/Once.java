package dev.caravan.reliability;

import dev.caravan.crash.CrashPoint;
import dev.caravan.database.Transaction;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.TransactionDefinition;

/**
 * The steps inside take effect once for each MessageID of a topic: the MessageID and what the steps write to the database
 * are one transaction, so a message that comes again, by a retry, a rebalance or a crash before the commit of its offset,
 * finds it and skips them. What the steps do elsewhere (a call, a mail) is not part of the transaction and may repeat.
 */
public final class Once extends Transaction {

    private static final Logger LOG = LoggerFactory.getLogger(Once.class);

    private String store;
    private String instance;
    private DedupeStore dedupe;

    @Override
    public void beforeWrap(Route route, NamedNode definition) {
        super.beforeWrap(route, definition);
        if (dedupe == null) {
            dedupe = "memory".equals(store) ? new MemoryDedupeStore() : new SqlDedupeStore(dataSource(), instance);
        }
    }

    /** A savepoint within the batch, to which a failure goes back. */
    @Override
    protected int propagation() {
        return TransactionDefinition.PROPAGATION_NESTED;
    }

    @Override
    public Processor wrap(Route route, Processor steps) {
        Processor nested = super.wrap(route, steps);
        return exchange -> {
            Batch batch = bean(Batch.class);
            batch.begin();
            boolean done = false;
            try {
                nested.process(exchange);
                done = exchange.getException() == null;
            } finally {
                if (!done) {
                    // What is tried again after a pause must not keep the others waiting, nor the rows that they have
                    // locked.
                    batch.end();
                }
            }
        };
    }

    @Override
    protected void run(Exchange exchange, Processor steps) {
        Delivery delivery = exchange.getProperty(Received.DELIVERY, Delivery.class);
        if (!dedupe.add(delivery)) {
            LOG.info("Skipped: this message has already been processed");
            CrashPoint.SKIPPED.reachedBy(delivery.messageId());
            return;
        }
        super.run(exchange, steps);
        if (exchange.getException() != null) {
            dedupe.forget(delivery);
            return;
        }
        CrashPoint.EFFECTED.reachedBy(delivery.messageId());
        bean(Batch.class).effect(delivery, () -> dedupe.forget(delivery));
    }

    /** The name of this process among the instances. */
    public void setInstance(String instance) {
        this.instance = instance;
    }

    /** {@code sql} or {@code memory}. */
    public void setStore(String store) {
        this.store = store;
    }
}
