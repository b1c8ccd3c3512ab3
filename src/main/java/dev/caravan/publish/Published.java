package dev.caravan.publish;

import dev.caravan.context.InContext;
import dev.caravan.crash.CrashPoint;
import dev.caravan.edge.Edge;
import dev.caravan.metrics.Counters;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaConstants;

/** Kafka has the record: it is counted, and its receipt, a {@code RecordMetadata}, kept in the property {@link #RECEIPT}. */
public final class Published extends InContext implements Processor {

    public static final String RECEIPT = "receipt";

    @Override
    public void process(Exchange exchange) {
        List<?> metadata = exchange.getMessage().getHeader(KafkaConstants.KAFKA_RECORD_META, List.class);
        exchange.setProperty(RECEIPT, metadata.get(0));
        CrashPoint.ACKNOWLEDGED.reachedBy(exchange.getProperty(Edge.MESSAGE_ID, String.class));
        bean(Counters.class).published(exchange.getProperty(Edge.TOPIC, String.class));
    }
}
