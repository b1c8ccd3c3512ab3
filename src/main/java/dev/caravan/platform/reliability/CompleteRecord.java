package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.MDC;

/**
 * The last step of every reliable consumer, after the record took effect or was handed to the next topic. The
 * {@link ConsumerTransaction} commits its offset.
 */
public final class CompleteRecord extends ContextBean implements Processor {

    static final String FAILED = "CaravanFailed";

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = exchange.getProperty(ReceiveRecord.DELIVERY, Delivery.class);
        bean(ConsumerTransaction.class).add(delivery, !exchange.getProperty(FAILED, false, Boolean.class));
        MDC.clear();
    }
}
