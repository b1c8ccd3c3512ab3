package dev.caravan.platform.edge;

import java.util.Locale;
import java.util.stream.Stream;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.spi.HeaderFilterStrategyAware;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Keeps the headers of Kafka and Caravan inside: a step to another system, such as {@code http:} or {@code smtp:}, sends
 * the record's own headers and {@code traceparent}, but not where the record comes from and how often it failed.
 *
 * <p>A route sends one of them by copying it to a header with another name. An endpoint with an option
 * {@code headerFilterStrategy} is left as it is.
 */
public final class OutboundHeaders extends LifecycleStrategySupport {

    private static final String[] INTERNAL = {
        "caravan", "ce_", "dead-letter-", "delayed-retry-", "kafka.", "messageid", RecordHeaders.REPLAY_COUNT
    };

    /** Adds the names that must not leave to what the endpoint's own strategy filters. */
    private record Strategy(HeaderFilterStrategy own) implements HeaderFilterStrategy {

        @Override
        public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
            return isInternal(name) || own != null && own.applyFilterToCamelHeaders(name, value, exchange);
        }

        @Override
        public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
            return own != null && own.applyFilterToExternalHeaders(name, value, exchange);
        }
    }

    static boolean isInternal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return Stream.of(INTERNAL).anyMatch(lower::startsWith);
    }

    @Override
    public void onEndpointAdd(Endpoint endpoint) {
        if (endpoint instanceof HeaderFilterStrategyAware aware
                && !isOurs(aware.getHeaderFilterStrategy())
                && !endpoint.getEndpointUri().contains("headerFilterStrategy=")) {
            aware.setHeaderFilterStrategy(new Strategy(aware.getHeaderFilterStrategy()));
        }
    }

    /** The strategies of Kafka and of our own HTTP server know what may pass. */
    private static boolean isOurs(HeaderFilterStrategy strategy) {
        return strategy instanceof RecordHeaderPolicy
                || strategy instanceof HttpHeaderPolicy
                || strategy instanceof Strategy;
    }
}
