package dev.caravan.http;

import dev.caravan.edge.HttpHeaderPolicy;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.util.CollectionHelper;

/**
 * A request as the routes may take it. Its headers, its query and the parts of its path become headers of the message, in that
 * order, and of one name that comes twice the last one counts: so nothing in a query can stand beside a part of the path. What
 * Camel would act on, and what only an answer says, is left out. {@code Authorization} is a header and never a part of the
 * query, which logs and histories keep; of two nobody can say which one counts, so neither does.
 */
final class Entered {

    private static final List<String> OF_ANSWERS =
            List.of("Link", "Retry-After", "Allow", "WWW-Authenticate", "Cache-Control");
    private static final String AUTHORIZATION = "Authorization";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final HeaderFilterStrategy filter;

    Entered(HeaderFilterStrategy filter) {
        this.filter = filter;
    }

    void headers(RoutingContext context, Exchange exchange, Message message) {
        HttpServerRequest request = context.request();
        Map<String, Object> headers = message.getHeaders();
        put(request.headers(), false, exchange, headers);
        if (request.query() != null) {
            put(context.queryParams(), true, exchange, headers);
            headers.put(Exchange.HTTP_QUERY, request.query());
            headers.put(Exchange.HTTP_RAW_QUERY, request.query());
        }
        headers.putAll(context.pathParams());
        headers.put(Exchange.HTTP_METHOD, request.method().name());
        headers.put(Exchange.HTTP_PATH, context.normalizedPath());
        headers.put(Exchange.HTTP_URI, request.uri());
    }

    private void put(MultiMap given, boolean query, Exchange exchange, Map<String, Object> headers) {
        given.forEach((name, value) -> {
            if (AUTHORIZATION.equalsIgnoreCase(name)) {
                if (!query) {
                    headers.put(name, headers.containsKey(name) ? "" : value);
                }
            } else if (!HttpHeaderPolicy.isAmong(OF_ANSWERS, name)
                    && !filter.applyFilterToExternalHeaders(name, value, exchange)) {
                headers.put(name, value);
            }
        });
    }

    /** Bytes, or of a form its fields: a list of values where one name comes twice. */
    void body(RoutingContext context, Exchange exchange, Message message) {
        String type = context.request().getHeader("Content-Type");
        Buffer bytes = context.body().buffer();
        if (type != null && type.regionMatches(true, 0, FORM, 0, FORM.length())) {
            Map<String, Object> fields = new HashMap<>();
            for (Map.Entry<String, String> field : context.request().formAttributes()) {
                if (!filter.applyFilterToExternalHeaders(field.getKey(), field.getValue(), exchange)) {
                    CollectionHelper.appendEntry(fields, field.getKey(), field.getValue());
                }
            }
            message.setBody(fields);
        } else if (bytes != null) {
            message.setBody(bytes.getBytes());
        }
    }
}
