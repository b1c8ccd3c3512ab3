package dev.caravan.platform.http;

import dev.caravan.platform.edge.TraceParent;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.util.CollectionHelper;

/**
 * Maps a request to a message. Headers, query and path parameters become message headers; {@link Parameters} keeps them
 * apart, so that none replaces another. Drops headers that Camel interprets, and {@code Authorization}.
 */
final class RequestMapper {

    private static final String FORM = "application/x-www-form-urlencoded";

    private final HeaderFilterStrategy filter;

    RequestMapper(HeaderFilterStrategy filter) {
        this.filter = filter;
    }

    void headers(RoutingContext context, Parameters parameters, Exchange exchange, Message message) {
        HttpServerRequest request = context.request();
        Map<String, Object> headers = message.getHeaders();
        put(request.headers(), parameters::takesHeader, exchange, headers);
        if (request.query() != null) {
            put(context.queryParams(), parameters::takesQuery, exchange, headers);
            headers.put(Exchange.HTTP_QUERY, request.query());
            headers.put(Exchange.HTTP_RAW_QUERY, request.query());
        }
        headers.putAll(context.pathParams());
        headers.put(Exchange.HTTP_METHOD, request.method().name());
        headers.put(Exchange.HTTP_PATH, context.normalizedPath());
        headers.put(Exchange.HTTP_URI, request.uri());
    }

    private void put(MultiMap given, Predicate<String> taken, Exchange exchange, Map<String, Object> headers) {
        given.forEach((name, value) -> {
            if (taken.test(name) && !filter.applyFilterToExternalHeaders(name, value, exchange)) {
                // Two traceparent headers are both invalid (W3C Trace Context).
                boolean second = TraceParent.HEADER.equalsIgnoreCase(name) && headers.containsKey(name);
                headers.put(name, second ? "" : value);
            }
        });
    }

    /** Sets the bytes, or the fields of a form, with a list of values for a repeated name. */
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
