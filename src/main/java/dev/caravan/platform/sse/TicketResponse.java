package dev.caravan.platform.sse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Grant;
import dev.caravan.platform.security.Tickets;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Answers with a one-time ticket for the stream whose path is that of the request without {@code -tickets}. */
public final class TicketResponse extends ContextBean implements Processor {

    private static final String SUFFIX = "-tickets";

    @Override
    public void process(Exchange exchange) {
        String path = exchange.getMessage().getHeader(Exchange.HTTP_PATH, String.class);
        Supplier<?> grant = exchange.getProperty(Authenticator.GRANT, Supplier.class);
        String ticket = bean(Tickets.class)
                .issue(
                        path.substring(0, path.length() - SUFFIX.length()),
                        grant == null ? new Grant(Caller.ANONYMOUS, "", Long.MAX_VALUE) : (Grant) grant.get());
        ObjectNode answer = Json.MAPPER.createObjectNode().put("ticket", ticket);
        RowsResponse.answer(exchange.getMessage(), answer.put("expiresIn", Tickets.VALID_SECONDS));
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 201);
    }
}
