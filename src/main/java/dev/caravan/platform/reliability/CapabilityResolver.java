package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Finds the consumer whose processing a record of a retry topic goes through again: the one that the record names, else the one whose
 * topic it is. The property {@link #CONSUMER} has its name.
 */
public final class CapabilityResolver extends ContextBean implements Processor {

    private static final String CONSUMER = "CaravanConsumer";

    /** @throws IllegalStateException when the consumer is gone: no other one may take its record */
    @Override
    public void process(Exchange exchange) {
        TopicConsumer consumer = exchange.getProperty(ReceiveRecord.DELIVERY, Delivery.class)
                .source()
                .consumer();
        if (bean(Topics.class)
                .consumers()
                .find(consumer.topic(), consumer.name())
                .isEmpty()) {
            throw new IllegalStateException(
                    "No route consumes the topic " + consumer.topic() + " as " + consumer.name() + " any more");
        }
        exchange.setProperty(CONSUMER, consumer.name());
    }
}
