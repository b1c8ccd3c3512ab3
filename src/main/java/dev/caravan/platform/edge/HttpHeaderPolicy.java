package dev.caravan.platform.edge;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * Filters headers between HTTP and Camel. Requests: drops headers, query parameters and form fields whose names Camel
 * interprets. Answers: an allow-list, because Camel's message still holds the request's headers and would send them back.
 */
public final class HttpHeaderPolicy implements HeaderFilterStrategy {

    private static final Set<String> ANSWERED =
            names("Content-Type", "Retry-After", "Allow", "Link", "WWW-Authenticate", "Cache-Control");

    /** Sent only if the route has published; otherwise they would be the request's own headers. */
    private static final Set<String> RECEIPT = names("Location", "Message-ID", TraceParent.HEADER);

    private static Set<String> names(String... names) {
        Set<String> all = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        all.addAll(List.of(names));
        return all;
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return ReservedHeaders.isCamelHeader(name);
    }

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        if (name.startsWith("Camel")) {
            return true;
        }
        boolean published = exchange != null && exchange.getProperty(RequestValidator.MESSAGE_ID) != null;
        return !ANSWERED.contains(name) && !(published && RECEIPT.contains(name));
    }
}
