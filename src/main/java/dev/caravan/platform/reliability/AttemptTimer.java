package dev.caravan.platform.reliability;

import dev.caravan.platform.kafka.ConsumerThreads;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Starts the clock of an attempt, after the pause before it. */
public final class AttemptTimer implements Processor {

    @Override
    public void process(Exchange exchange) {
        ConsumerThreads.markProcessing(exchange);
    }
}
