package dev.caravan.platform.edge;

import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * Filters headers between HTTP and Camel. In: drops headers, query parameters and form fields whose names Camel acts
 * on. Out: an allow-list, because Camel's message still holds the request's headers and would send them back.
 */
public final class HttpHeaderPolicy implements HeaderFilterStrategy {

    private static final List<String> ANSWERED =
            List.of("Content-Type", "Retry-After", "Allow", "Link", "WWW-Authenticate", "Cache-Control");

    /** Sent only by a route that has published; elsewhere they would be the request's own headers. */
    private static final List<String> RECEIPT = List.of("Location", "Message-ID", TraceParent.HEADER);

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return RecordHeaders.isActedOn(name);
    }

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        if (name.startsWith("Camel")) {
            return true;
        }
        return !isAmong(ANSWERED, name)
                && !(isAmong(RECEIPT, name)
                        && exchange != null
                        && exchange.getProperty(RequestValidator.MESSAGE_ID) != null);
    }

    /** Ignores case. Makes no lower-case copy, because this runs for each header of each request and answer. */
    public static boolean isAmong(List<String> names, String name) {
        for (String each : names) {
            if (each.equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }
}
