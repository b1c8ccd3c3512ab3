package dev.caravan.platform.publish;

import dev.caravan.platform.edge.KafkaHeaders;
import dev.caravan.platform.edge.RequestValidator;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Routes a record to the topic of its step's URI with the key of the exchange, regardless of the message's headers. */
final class RecordRouting {

    private RecordRouting() {}

    /** Removes all routing headers of Camel's Kafka producer, and sets the key. */
    static void write(Exchange exchange) {
        Message message = exchange.getMessage();
        message.removeHeader(KafkaHeaders.OVERRIDE_TOPIC);
        message.removeHeader(KafkaHeaders.PARTITION_KEY);
        message.removeHeader(KafkaHeaders.OVERRIDE_TIMESTAMP);
        Object key = exchange.getProperty(RequestValidator.KEY);
        if (key == null) {
            message.removeHeader(KafkaHeaders.KEY);
        } else {
            message.setHeader(
                    KafkaHeaders.KEY, key instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : key);
        }
    }
}
