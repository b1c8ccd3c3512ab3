package dev.caravan.orders;

import dev.caravan.edge.Problem;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** 404: no order of that id has been stored, or not yet. */
public final class NoSuchOrder implements Processor {

    @Override
    public void process(Exchange exchange) {
        throw Problem.notFound("There is no order of that id, or it has not been processed yet.");
    }
}
