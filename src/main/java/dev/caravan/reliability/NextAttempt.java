package dev.caravan.reliability;

import dev.caravan.kafka.Readers;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The pause before an attempt is over: what the attempt takes counts from here. */
public final class NextAttempt implements Processor {

    @Override
    public void process(Exchange exchange) {
        Readers.goesOn(exchange);
    }
}
