package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Finds the consumer that processes a record of a retry topic again: the one that the record names, or else the owner of
 * the topic. Sets the property {@link #CONSUMER} to its name.
 */
public final class ConsumerResolver extends ContextBean implements Processor {

    private static final String CONSUMER = "CaravanConsumer";

    /** @throws IllegalStateException if the consumer no longer exists; no other one may process its records */
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
                    "No route consumes topic " + consumer.topic() + " as consumer " + consumer.name() + " any more");
        }
        exchange.setProperty(CONSUMER, consumer.name());
    }
}
