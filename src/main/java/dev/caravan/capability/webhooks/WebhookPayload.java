package dev.caravan.capability.webhooks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.Sha256;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.reliability.Delivery;
import dev.caravan.platform.reliability.ReceiveRecord;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Converts a record to the payload of its webhooks, {@code {"type": <topic>, "timestamp", "data": <value>}}, and to the
 * parameters of the SQL that stores the deliveries. A value that is not JSON is in {@code data_base64}. The
 * {@code webhook-id} depends only on topic, MessageID and endpoint, so it stays the same if the record is read again.
 */
public final class WebhookPayload extends ContextBean implements Processor {

    private static final int ID_BYTES = 16;

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = exchange.getProperty(ReceiveRecord.DELIVERY, Delivery.class);
        String topic = delivery.source().origin();
        byte[] id = Sha256.of(topic + "/" + delivery.messageId());
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("message", "msg_" + HexFormat.of().formatHex(id, 0, ID_BYTES));
        parameters.put(
                "payload",
                of(
                        topic,
                        Instant.ofEpochMilli(delivery.originTime()),
                        exchange.getMessage().getBody(byte[].class)));
        parameters.put("time", new Timestamp(delivery.originTime()));
        parameters.put("topic", "," + topic + ",");
        parameters.put("user", topic.equals(notifications()) ? userId(delivery.key()) : null);
        parameters.put("now", System.currentTimeMillis());
        exchange.getMessage().setBody(parameters);
    }

    private String notifications() {
        return getCamelContext().resolvePropertyPlaceholders("{{notifications.topic}}");
    }

    /** Notifications are keyed by their recipient. */
    private static Long userId(byte[] key) {
        String text = key == null ? "" : new String(key, StandardCharsets.UTF_8);
        return text.matches("-?\\d{1,18}") ? Long.valueOf(text) : null;
    }

    static String of(String type, Instant at, byte[] value) {
        ObjectNode payload = Json.MAPPER.createObjectNode();
        payload.put("type", type);
        payload.put("timestamp", at.toString());
        try {
            payload.set("data", value == null ? null : Json.parse(value));
        } catch (ProblemException e) {
            payload.put("data_base64", value);
        }
        return new String(Json.bytes(payload), StandardCharsets.UTF_8);
    }
}
