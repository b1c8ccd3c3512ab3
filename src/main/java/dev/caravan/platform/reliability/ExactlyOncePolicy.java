package dev.caravan.platform.reliability;

import dev.caravan.platform.crash.CrashPoint;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps inside take effect once for each consumer and MessageID. The MessageID and the database writes of the steps
 * are one transaction, so a message that is read again, after a retry, a rebalance or a crash, is skipped. Other effects
 * of the steps (a call, a mail) are not part of the transaction and may repeat.
 */
public final class ExactlyOncePolicy extends SavepointPolicy {

    private static final Logger LOG = LoggerFactory.getLogger(ExactlyOncePolicy.class);

    private String store;
    private String instance;
    private DedupeStore dedupe;

    @Override
    public void beforeWrap(Route route, NamedNode definition) {
        super.beforeWrap(route, definition);
        if (dedupe == null) {
            dedupe = "memory".equals(store)
                    ? new MemoryDedupeStore()
                    : new SqlDedupeStore(dataSource(), instance, () -> bean(ConsumerTransaction.class)
                            .polledMessageIds());
        }
    }

    @Override
    protected void run(Exchange exchange, Processor steps) {
        Delivery delivery = exchange.getProperty(ReceiveRecord.DELIVERY, Delivery.class);
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
        bean(ConsumerTransaction.class).effect(delivery, () -> dedupe.forget(delivery));
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
