package dev.caravan.reliability;

import dev.caravan.context.InContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.MDC;

/**
 * The last step of every reliable consumer, reached when the record has had its effect or is safe in the next topic: its
 * offset is committed with its {@link Batch}.
 */
public final class Processed extends InContext implements Processor {

    static final String FAILED = "CaravanFailed";

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = exchange.getProperty(Received.DELIVERY, Delivery.class);
        bean(Batch.class).add(delivery, !exchange.getProperty(FAILED, false, Boolean.class));
        MDC.clear();
    }
}
