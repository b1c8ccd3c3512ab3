package dev.caravan.platform.edge;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Message;

/** The receipt in the answer of a request once Kafka has its record. */
public final class AcceptedResponse {

    private AcceptedResponse() {}

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
