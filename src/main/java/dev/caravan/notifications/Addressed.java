package dev.caravan.notifications;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.edge.Edge;
import dev.caravan.edge.Json;
import dev.caravan.security.Authenticate;
import dev.caravan.users.User;
import dev.caravan.users.Users;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Turns the two user ids of a request into the two users of the record. */
public final class Addressed implements Processor {

    @Override
    public void process(Exchange exchange) {
        JsonNode request = exchange.getProperty(Edge.JSON, JsonNode.class);
        Users users = exchange.getContext().getRegistry().findSingleByType(Users.class);
        User from = users.get(request.get("fromID").asLong());
        Authenticate.requireUser(exchange, from.id());
        User to = users.get(request.get("toID").asLong());
        ObjectNode notification = Json.MAPPER.createObjectNode();
        notification.set("from", Json.MAPPER.valueToTree(from));
        notification.set("to", Json.MAPPER.valueToTree(to));
        notification.set("message", request.get("message"));
        exchange.getMessage().setBody(Json.bytes(notification));
    }
}
