package dev.caravan.publish;

import dev.caravan.edge.Edge;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;

/** The only place where it is decided where a record goes. */
final class Destination {

    private Destination() {}

    /**
     * Turns the properties {@code topic} and {@code key} into what the Kafka producer obeys, after removing whatever else it
     * would obey. Without a topic it is the endpoint's.
     */
    static void write(Exchange exchange) {
        Message message = exchange.getMessage();
        message.removeHeader(KafkaConstants.PARTITION_KEY);
        message.removeHeader(KafkaConstants.OVERRIDE_TIMESTAMP);
        replace(message, KafkaConstants.OVERRIDE_TOPIC, exchange.getProperty(Edge.TOPIC));
        Object key = exchange.getProperty(Edge.KEY);
        replace(message, KafkaConstants.KEY, key instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : key);
    }

    private static void replace(Message message, String header, Object value) {
        if (value == null) {
            message.removeHeader(header);
        } else {
            message.setHeader(header, value);
        }
    }
}
