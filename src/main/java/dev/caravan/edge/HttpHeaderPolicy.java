package dev.caravan.edge;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * Between HTTP and Camel's headers. In: headers, query parameters and form fields, but no name that Camel would act on.
 * Out: an allow-list, because Camel's message still holds the request's headers and would send them back.
 */
public final class HttpHeaderPolicy implements HeaderFilterStrategy {

    private static final Set<String> ANSWERED =
            Set.of("content-type", "retry-after", "allow", "link", "www-authenticate", "cache-control");

    /** Only a route that has published says these; elsewhere they could only be the request's own. */
    private static final Set<String> RECEIPT = Set.of("location", "message-id", TraceParent.HEADER);

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return RecordHeaders.isActedOn(name);
    }

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        if (name.startsWith("Camel")) {
            return true;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        return !ANSWERED.contains(lower)
                && !(RECEIPT.contains(lower) && exchange != null && exchange.getProperty(Edge.MESSAGE_ID) != null);
    }
}
