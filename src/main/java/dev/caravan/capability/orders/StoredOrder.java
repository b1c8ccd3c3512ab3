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
 * Returns a stored order as it was sent, with the {@code Message-ID} of its message. With authentication on, only callers
 * who may read the message's status get that header: its sender, and operators as {@code <id>@<sender>}.
 */
public final class StoredOrder extends ContextBean implements Processor {

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        Map<?, ?> row = message.getBody(Map.class);
        // Headers of the request must not become headers of the response.
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
                        .allows(exchange.getProperty(Authenticator.CALLER, Caller.class), Roles.FAILURES));
    }
}
