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

/** Replaces the two user ids of a request by the two users of the record. */
public final class AddressNotification extends ContextBean implements Processor {

    @Override
    public void process(Exchange exchange) {
        JsonNode request = exchange.getProperty(RequestValidator.JSON, JsonNode.class);
        Users users = bean(Users.class);
        JsonNode fromId = request.get("fromID");
        // Checked before the user lookup, so that a rejected caller cannot learn which users exist.
        bean(Roles.class).requireUser(exchange, fromId.canConvertToLong() ? fromId.asLong() : Caller.NO_USER);
        User from = user(users, fromId);
        User to = user(users, request.get("toID"));
        ObjectNode notification = Json.MAPPER.createObjectNode();
        notification.set("from", Json.MAPPER.valueToTree(from));
        notification.set("to", Json.MAPPER.valueToTree(to));
        notification.set("message", request.get("message"));
        exchange.getMessage().setBody(Json.bytes(notification));
    }

    /** An integer too large for an id is an unknown user, and must not wrap around to an existing id. */
    private static User user(Users users, JsonNode id) {
        if (!id.canConvertToLong()) {
            throw ProblemException.notFound("User not found");
        }
        return users.get(id.asLong());
    }
}
