package dev.caravan.platform.edge;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Message;

/** The receipt for a record that Kafka has acknowledged. */
public final class AcceptedResponse {

    private AcceptedResponse() {}

    /** Sets the answer's headers with the message's id, status URL and trace. */
    public static void receipt(Message reply, String messageId) {
        reply.setHeader("Location", location(messageId));
        reply.setHeader("Message-ID", messageId);
        reply.setHeader(TraceParent.HEADER, reply.getExchange().getProperty(TraceParent.PROPERTY));
    }

    public static String location(String messageId) {
        return "/api/v1/messages/" + URLEncoder.encode(messageId, StandardCharsets.UTF_8);
    }
}
