package dev.caravan.bench;

import dev.caravan.platform.edge.MessageId;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A record as Caravan writes it: about 250 bytes, a unique MessageID, and Caravan's headers. */
record Message(String key, String value) {

    static final IntFunction<Message> ORDERS = i -> order("order-" + UUID.randomUUID(), "149.99");

    /** One in a hundred is invalid, which no retry can cure. */
    static final IntFunction<Message> POISONED = i -> i % 100 == 50 ? order("poisoned", "\"?\"") : ORDERS.apply(i);

    static final IntFunction<Message> EVENTS = i ->
            new Message("user-" + i % 1000, "{\"kind\":\"signup\",\"number\":" + i + ",\"" + "x".repeat(200) + "\":1}");

    static final IntFunction<Message> NOTIFICATIONS = i -> notification(1000 + i % 100);

    static IntFunction<Message> notificationsTo(long user) {
        return i -> notification(user);
    }

    private static Message order(String id, String total) {
        return new Message(
                id,
                "{\"id\":\"" + id + "\",\"user_id\":\"user-" + "0123456789".repeat(9) + "\",\"total\":" + total
                        + ",\"status\":\"pending\",\"timestamp\":\"2025-10-06T17:00:00Z\"}");
    }

    private static Message notification(long user) {
        return new Message(
                Long.toString(user),
                "{\"from\":{\"id\":2,\"name\":\"Tito\"},\"to\":{\"id\":" + user + ",\"name\":\"Micho\"},\"message\":\""
                        + "0123456789".repeat(17) + "\"}");
    }

    ProducerRecord<byte[], byte[]> to(String topic) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, bytes(key), bytes(value));
        record.headers()
                .add("MessageID", bytes(MessageId.of(header -> null)))
                .add("content-type", bytes("application/json"))
                .add("traceparent", bytes("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        return record;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
