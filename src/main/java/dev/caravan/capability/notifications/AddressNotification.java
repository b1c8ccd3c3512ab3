package dev.caravan.capability.notifications;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Roles;
import dev.caravan.platform.users.User;
import dev.caravan.platform.users.Users;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Turns the two user ids of a request into the two users of the record. */
public final class AddressNotification extends ContextBean implements Processor {

    @Override
    public void process(Exchange exchange) {
        JsonNode request = exchange.getProperty(RequestValidator.JSON, JsonNode.class);
        Users users = bean(Users.class);
        JsonNode fromId = request.get("fromID");
        // Before anybody is looked up: what is not the caller's to say is not told apart by who exists.
        bean(Roles.class).requireUser(exchange, fromId.canConvertToLong() ? fromId.asLong() : Caller.NOBODY);
        User from = user(users, fromId);
        User to = user(users, request.get("toID"));
        ObjectNode notification = Json.MAPPER.createObjectNode();
        notification.set("from", Json.MAPPER.valueToTree(from));
        notification.set("to", Json.MAPPER.valueToTree(to));
        notification.set("message", request.get("message"));
        exchange.getMessage().setBody(Json.bytes(notification));
    }

    /** An integer too large for an id is nobody's, and must not wrap around to somebody's. */
    private static User user(Users users, JsonNode id) {
        if (!id.canConvertToLong()) {
            throw ProblemException.notFound("User not found");
        }
        return users.get(id.asLong());
    }
}
