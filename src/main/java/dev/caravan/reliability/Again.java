package dev.caravan.reliability;

import dev.caravan.context.InContext;
import dev.caravan.topics.Topics;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Finds the capability whose processing a record of a retry topic goes through again; the property {@link #CAPABILITY}. */
public final class Again extends InContext implements Processor {

    public static final String CAPABILITY = "capability";

    @Override
    public void process(Exchange exchange) {
        Topics topics = bean(Topics.class);
        Delivery delivery = exchange.getProperty(Received.DELIVERY, Delivery.class);
        exchange.setProperty(CAPABILITY, topics.capabilityOf(delivery.source().origin()));
    }
}
