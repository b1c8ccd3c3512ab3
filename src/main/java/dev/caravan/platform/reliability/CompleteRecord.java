package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.MDC;

/**
 * The last step of every reliable consumer, after the record took effect. The {@link ConsumerTransaction} commits its
 * offset. A failed record was completed when it was handed to the next topic: if it failed before the first step of its
 * route, it does not reach this step.
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
