package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.MDC;

/**
 * The last step of every reliable consumer, after the record took effect. The {@link ConsumerTransaction} commits its
 * offset. It has completed a record that was handed to the next topic already, because one that fails before the first
 * step of its route does not come here.
 */
public final class CompleteRecord extends ContextBean implements Processor {

    static final String FAILED = "CaravanFailed";

    @Override
    public void process(Exchange exchange) {
        if (!exchange.getProperty(FAILED, false, Boolean.class)) {
            Delivery delivery = exchange.getProperty(ReceiveRecord.DELIVERY, Delivery.class);
            bean(ConsumerTransaction.class).add(delivery, true);
        }
        MDC.clear();
    }
}
