package dev.caravan.capability.orders;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.MessageOwner;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Roles;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Answers an order's row: its text as it was sent, and the {@code Message-ID} that it came with. With authentication on the header is there
 * only for its sender, and, as {@code <id>@<sender>}, for who may know of failures; nobody else could follow the message.
 */
public final class StoredOrder extends ContextBean implements Processor {

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        Map<?, ?> row = message.getBody(Map.class);
        // No header of the request is answered.
        message.removeHeaders("*");
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        messageId(exchange, (String) row.get("messageId")).ifPresent(id -> {
            exchange.setProperty(RequestValidator.MESSAGE_ID, id);
            message.setHeader("Message-ID", id);
        });
        message.setBody(row.get("payload"));
    }

    private Optional<String> messageId(Exchange exchange, String full) {
        return MessageOwner.isOwn(exchange, full)
                ? Optional.of(MessageOwner.bare(exchange, full))
                : Optional.of(full).filter(any -> bean(Roles.class)
                        .may(exchange.getProperty(Authenticator.CALLER, Caller.class), Roles.FAILURES));
    }
}
