package dev.caravan.http;

import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * A request as the routes may take it. Camel makes headers of a request's headers, of its query and of the parts of its
 * path, in that order, and of one name that comes twice a list: here the last one counts, so nothing in a query can stand
 * beside a part of the path. What only an answer says is removed, or Camel would send it back.
 */
public final class Entered implements Processor {

    private static final List<String> OF_ANSWERS =
            List.of("Link", "Retry-After", "Allow", "WWW-Authenticate", "Cache-Control");

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        OF_ANSWERS.forEach(message::removeHeader);
        message.getHeaders()
                .replaceAll((name, value) ->
                        value instanceof List<?> values && !values.isEmpty() ? values.get(values.size() - 1) : value);
    }
}
