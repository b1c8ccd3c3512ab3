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
     * would obey.
     */
    static void write(Exchange exchange) {
        Message message = exchange.getMessage();
        message.removeHeader(KafkaConstants.PARTITION_KEY);
        message.removeHeader(KafkaConstants.OVERRIDE_TIMESTAMP);
        message.setHeader(KafkaConstants.OVERRIDE_TOPIC, exchange.getProperty(Edge.TOPIC, String.class));
        Object key = exchange.getProperty(Edge.KEY);
        if (key == null) {
            message.removeHeader(KafkaConstants.KEY);
        } else {
            message.setHeader(
                    KafkaConstants.KEY, key instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : key);
        }
    }
}
