package dev.caravan.platform.edge;

import java.util.Locale;
import java.util.stream.Stream;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.spi.HeaderFilterStrategyAware;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Keeps headers of Kafka and Caravan from other systems: a step such as {@code http:} or {@code smtp:} sends the record's
 * own headers and {@code traceparent}, but neither the record's origin nor its failures.
 *
 * <p>To send one of them anyway, a route copies it to a header with another name. Endpoints with the option
 * {@code headerFilterStrategy} are left unchanged.
 */
public final class OutboundHeaders extends LifecycleStrategySupport {

    private static final String[] INTERNAL = {
        "caravan", "ce_", "dead-letter-", "delayed-retry-", "kafka.", "messageid", ReservedHeaders.REPLAY_COUNT
    };

    /** Filters internal headers in addition to the endpoint's own strategy. */
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

    /** Kafka and our own HTTP server have their own strategies. */
    private static boolean isOurs(HeaderFilterStrategy strategy) {
        return strategy instanceof RecordHeaderPolicy
                || strategy instanceof HttpHeaderPolicy
                || strategy instanceof Strategy;
    }
}
