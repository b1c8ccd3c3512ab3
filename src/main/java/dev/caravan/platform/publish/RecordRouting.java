package dev.caravan.platform.publish;

import dev.caravan.platform.edge.RequestValidator;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;

/** Routes a record to the topic of its step's URI with the key of the exchange, regardless of the message's headers. */
final class RecordRouting {

    private RecordRouting() {}

    /** Removes all routing headers of Camel's Kafka producer, and sets the key. */
    static void write(Exchange exchange) {
        Message message = exchange.getMessage();
        message.removeHeader(KafkaConstants.OVERRIDE_TOPIC);
        message.removeHeader(KafkaConstants.PARTITION_KEY);
        message.removeHeader(KafkaConstants.OVERRIDE_TIMESTAMP);
        Object key = exchange.getProperty(RequestValidator.KEY);
        if (key == null) {
            message.removeHeader(KafkaConstants.KEY);
        } else {
            message.setHeader(
                    KafkaConstants.KEY, key instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : key);
        }
    }
}
