package dev.caravan.publish;

import dev.caravan.crash.CrashPoint;
import dev.caravan.edge.Edge;
import dev.caravan.edge.Problem;
import dev.caravan.metrics.Counters;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.util.ObjectHelper;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of a record handed to Kafka: counted, and its receipt kept in the property {@link #RECEIPT}; or counted
 * as failed and turned into the {@link Problem} that the caller is told.
 */
public final class Published {

    /** A {@link RecordMetadata}. */
    public static final String RECEIPT = "receipt";

    private static final Logger LOG = LoggerFactory.getLogger(Published.class);
    private static final int RETRY_AFTER_SECONDS = 2;

    private Published() {}

    public static final class Succeeded implements Processor {
        @Override
        public void process(Exchange exchange) {
            List<?> metadata = exchange.getMessage().getHeader(KafkaConstants.KAFKA_RECORD_META, List.class);
            exchange.setProperty(RECEIPT, metadata.get(0));
            CrashPoint.ACKNOWLEDGED.reachedBy(exchange.getProperty(Edge.MESSAGE_ID, String.class));
            Counters.of(exchange).published(exchange.getProperty(Edge.TOPIC, String.class));
        }
    }

    public static final class Failed implements Processor {
        @Override
        public void process(Exchange exchange) {
            Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            String topic = exchange.getProperty(Edge.TOPIC, String.class);
            Counters.of(exchange).publishFailed(topic);
            // Without a cause the circuit was open: the failures that opened it have been logged.
            if (cause != null) {
                LOG.warn("Kafka did not take a record for {}: {}", topic, cause.toString());
            }
            if (ObjectHelper.getException(RecordTooLargeException.class, cause) != null) {
                throw Problem.of(413, "too-large", "The record is larger than its topic takes.");
            }
            throw Problem.notPublished(
                    "Kafka did not take the message in time; it may be sent again with the same Message-ID.",
                    RETRY_AFTER_SECONDS,
                    cause);
        }
    }
}
