package dev.caravan.edge;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** What a capability answers once Kafka has the record: its words, what it repeats of the request, and the receipt. */
public final class Answer implements Processor {

    private int status = 200;
    private String message;
    private Boolean success;
    private Map<String, String> members = new LinkedHashMap<>();
    /** Of {@link #members}, once all of them are known. */
    private volatile Map<String, JsonPointer> pointers;

    @Override
    public void process(Exchange exchange) {
        ObjectNode answer = Json.MAPPER.createObjectNode();
        if (success != null) {
            answer.put("success", success);
        }
        answer.put("message", message);
        JsonNode accepted = exchange.getProperty(Edge.JSON, JsonNode.class);
        pointers().forEach((name, pointer) -> answer.set(name, accepted.at(pointer)));

        Message reply = exchange.getMessage();
        reply.removeHeaders("*");
        reply.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        reply.setHeader(Exchange.CONTENT_TYPE, "application/json");
        receipt(reply, MessageOwner.bare(exchange, exchange.getProperty(Edge.MESSAGE_ID, String.class)));
        reply.setBody(Json.bytes(answer));
    }

    private Map<String, JsonPointer> pointers() {
        if (pointers == null) {
            Map<String, JsonPointer> compiled = new LinkedHashMap<>();
            members.forEach((name, pointer) -> compiled.put(name, JsonPointer.compile(pointer)));
            pointers = compiled;
        }
        return pointers;
    }

    /** The headers by which every publishing route says where the message can be followed. */
    public static void receipt(Message reply, String messageId) {
        reply.setHeader("Location", location(messageId));
        reply.setHeader("Message-ID", messageId);
        reply.setHeader(TraceParent.HEADER, reply.getExchange().getProperty(TraceParent.HEADER));
    }

    public static String location(String messageId) {
        return "/api/v1/messages/" + URLEncoder.encode(messageId, StandardCharsets.UTF_8);
    }

    public void setStatus(int status) {
        this.status = status;
    }

    public void setMessage(String message) {
        this.message = message;
    }

    public void setSuccess(Boolean success) {
        this.success = success;
    }

    public Map<String, String> getMembers() {
        return members;
    }

    /** Member of the answer → JSON Pointer into the request. */
    public void setMembers(Map<String, String> members) {
        this.members = members;
    }
}
