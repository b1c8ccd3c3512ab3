package dev.caravan.platform.sse;

import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/**
 * Wakes the streams of one key, within a transaction after its commit. Never fails and never blocks.
 */
final class WakeUpProducer extends DefaultProducer {

    private final StreamEndpoint endpoint;

    WakeUpProducer(StreamEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void process(Exchange exchange) {
        Streams streams = exchange.getContext().getRegistry().findSingleByType(Streams.class);
        streams.wakeAfterCommit(endpoint.path(), endpoint.key(exchange.getMessage()::getHeader));
    }
}
