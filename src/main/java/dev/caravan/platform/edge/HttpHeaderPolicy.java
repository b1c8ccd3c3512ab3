package dev.caravan.platform.edge;

import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * Between HTTP and Camel's headers. In: headers, query parameters and form fields, but no name that Camel would act on.
 * Out: an allow-list, because Camel's message still holds the request's headers and would send them back.
 */
public final class HttpHeaderPolicy implements HeaderFilterStrategy {

    private static final List<String> ANSWERED =
            List.of("Content-Type", "Retry-After", "Allow", "Link", "WWW-Authenticate", "Cache-Control");

    /** Only a route that has published says these; elsewhere they could only be the request's own. */
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

    /** In any spelling. No copy in lower case is made, for it is asked of each header of each request and answer. */
    public static boolean isAmong(List<String> names, String name) {
        for (String each : names) {
            if (each.equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }
}
