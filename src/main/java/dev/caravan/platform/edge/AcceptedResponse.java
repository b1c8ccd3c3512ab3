package dev.caravan.platform.edge;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * The answer of a capability once Kafka has the record: its message, repeated members of the request, and the receipt.
 */
public final class AcceptedResponse implements Processor {

    private final int status;
    private final String message;
    private final Boolean success;
    private final Map<String, JsonPointer> members;

    /**
     * @param message null for none
     * @param success null for none
     * @param members members of the answer, each with its place in the request
     */
    AcceptedResponse(int status, String message, Boolean success, Map<String, JsonPointer> members) {
        this.status = status;
        this.message = message;
        this.success = success;
        this.members = members;
    }

    @Override
    public void process(Exchange exchange) {
        ObjectNode answer = Json.MAPPER.createObjectNode();
        if (success != null) {
            answer.put("success", success);
        }
        if (message != null) {
            answer.put("message", message);
        }
        JsonNode accepted = exchange.getProperty(RequestValidator.JSON, JsonNode.class);
        members.forEach((name, pointer) -> answer.set(name, accepted.at(pointer)));

        Message reply = exchange.getMessage();
        reply.removeHeaders("*");
        reply.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        reply.setHeader(Exchange.CONTENT_TYPE, "application/json");
        receipt(reply, MessageOwner.bare(exchange, exchange.getProperty(RequestValidator.MESSAGE_ID, String.class)));
        reply.setBody(Json.bytes(answer));
    }

    /** Sets the headers with which every publishing route tells the client where to follow the message. */
    public static void receipt(Message reply, String messageId) {
        reply.setHeader("Location", location(messageId));
        reply.setHeader("Message-ID", messageId);
        reply.setHeader(TraceParent.HEADER, reply.getExchange().getProperty(TraceParent.PROPERTY));
    }

    public static String location(String messageId) {
        return "/api/v1/messages/" + URLEncoder.encode(messageId, StandardCharsets.UTF_8);
    }
}
