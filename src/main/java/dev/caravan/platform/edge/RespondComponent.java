package dev.caravan.platform.edge;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.ProcessorEndpoint;

/**
 * {@code respond:202?message=Received&include=id}: answers a request whose record Kafka has acknowledged, with that
 * status and message, the named members of the request, and the location of the message's status. {@code success=true}
 * adds that member, {@code wrap=comment} the whole request under that name.
 */
public final class RespondComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String status, Map<String, Object> parameters) {
        Map<String, JsonPointer> members = new LinkedHashMap<>();
        for (String name :
                getAndRemoveParameter(parameters, "include", String.class, "").split(",")) {
            if (!name.isBlank()) {
                members.put(name.strip(), JsonPointer.compile("/" + name.strip()));
            }
        }
        String wrap = getAndRemoveParameter(parameters, "wrap", String.class);
        if (wrap != null) {
            members.put(wrap, JsonPointer.empty());
        }
        int code = Integer.parseInt(status);
        String text = getAndRemoveParameter(parameters, "message", String.class);
        Boolean success = getAndRemoveParameter(parameters, "success", Boolean.class);
        return new ProcessorEndpoint(uri, this, exchange -> {
            ObjectNode answer = Json.MAPPER.createObjectNode();
            if (success != null) {
                answer.put("success", success);
            }
            if (text != null) {
                answer.put("message", text);
            }
            JsonNode accepted = exchange.getProperty(RequestValidator.JSON, JsonNode.class);
            members.forEach((name, pointer) -> answer.set(name, accepted.at(pointer)));

            String messageId = exchange.getProperty(RequestValidator.MESSAGE_ID, String.class);
            Message reply = exchange.getMessage();
            reply.removeHeaders("*");
            reply.setHeader(Exchange.HTTP_RESPONSE_CODE, code);
            reply.setHeader(Exchange.CONTENT_TYPE, "application/json");
            AcceptedResponse.receipt(reply, MessageOwner.bare(exchange, messageId));
            reply.setBody(Json.bytes(answer));
        });
    }
}
