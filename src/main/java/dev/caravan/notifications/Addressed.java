package dev.caravan.notifications;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.context.InContext;
import dev.caravan.edge.Edge;
import dev.caravan.edge.Json;
import dev.caravan.edge.Problem;
import dev.caravan.security.Caller;
import dev.caravan.security.Roles;
import dev.caravan.users.User;
import dev.caravan.users.Users;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Turns the two user ids of a request into the two users of the record. */
public final class Addressed extends InContext implements Processor {

    @Override
    public void process(Exchange exchange) {
        JsonNode request = exchange.getProperty(Edge.JSON, JsonNode.class);
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
            throw Problem.notFound("User not found");
        }
        return users.get(id.asLong());
    }
}
