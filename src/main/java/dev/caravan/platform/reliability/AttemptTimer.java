package dev.caravan.platform.reliability;

import dev.caravan.platform.kafka.ConsumerThreads;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The pause before an attempt is over: what the attempt takes counts from here. */
public final class AttemptTimer implements Processor {

    @Override
    public void process(Exchange exchange) {
        ConsumerThreads.goesOn(exchange);
    }
}
