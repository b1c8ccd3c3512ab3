package dev.caravan.reliability;

import dev.caravan.context.InContext;
import dev.caravan.crash.CrashPoint;
import dev.caravan.edge.Edge;
import dev.caravan.edge.MessageId;
import dev.caravan.edge.Subject;
import dev.caravan.edge.TraceParent;
import dev.caravan.kafka.Readers;
import dev.caravan.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The first step of every reliable consumer: names the record, displays it, and keeps what the policy needs to know of it
 * where no step of the route can change it.
 */
public final class Received extends InContext implements Processor {

    /** The property that holds the {@link Delivery}. */
    public static final String DELIVERY = "delivery";

    /** Of the delivery, what a statement of a route may need: as properties of their own they cost it no reflection. */
    private static final String RECORD_TIME = "recordTime";

    private static final String RECORD_OFFSET = "recordOffset";

    private static final Logger LOG = LoggerFactory.getLogger(Received.class);

    private final LongAdder count = new LongAdder();

    @Override
    public void process(Exchange exchange) {
        // The record before this one may have left the route by an exception.
        MDC.clear();
        bean(Batch.class).sound();
        bean(Readers.class).begins(exchange);
        Message message = exchange.getMessage();
        Topics.Source source = Topics.source(message.getHeader(KafkaConstants.TOPIC, String.class));
        Delivery delivery = new Delivery(
                source,
                message.getHeader(KafkaConstants.PARTITION, Integer.class),
                message.getHeader(KafkaConstants.OFFSET, Long.class),
                origin(message, source, "delayed-retry-original-timestamp", KafkaConstants.TIMESTAMP),
                (int) origin(message, source, "dead-letter-partition", KafkaConstants.PARTITION),
                origin(message, source, "dead-letter-offset", KafkaConstants.OFFSET),
                message.getHeader(KafkaConstants.TIMESTAMP, Long.class),
                message.getHeader(KafkaConstants.KEY, byte[].class),
                messageId(message),
                System.currentTimeMillis(),
                message.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class));
        exchange.setProperty(DELIVERY, delivery);
        exchange.setProperty(Edge.MESSAGE_ID, delivery.messageId());
        exchange.setProperty(RECORD_TIME, delivery.originTime());
        exchange.setProperty(RECORD_OFFSET, delivery.originOffset());
        describe(delivery, exchange.getFromRouteId(), TraceParent.traceId(exchange));
        count.increment();
        LOG.info("{}", Display.received(count.sum(), source.name(), message.getBody(byte[].class)));
        CrashPoint.RECEIVED.reachedBy(delivery.messageId());
    }

    /**
     * A record that somebody else wrote may have no MessageID, or none that can be kept. Its place in the log is one: the same record has the same
     * place whenever it is read again.
     */
    private static String messageId(Message message) {
        String given = message.getHeader(MessageId.HEADER, String.class);
        return MessageId.isValid(given)
                ? given
                : message.getHeader(KafkaConstants.TOPIC) + "/" + message.getHeader(KafkaConstants.PARTITION) + "/"
                        + message.getHeader(KafkaConstants.OFFSET);
    }

    /** On a retry topic the record says where it came from; elsewhere it is where it is, whatever it says. */
    private static long origin(Message message, Topics.Source source, String header, String own) {
        String said = source.level() == 0 ? null : message.getHeader(header, String.class);
        return said != null && said.matches("\\d{1,18}") ? Long.parseLong(said) : message.getHeader(own, Long.class);
    }

    private static void describe(Delivery delivery, String routeId, String traceId) {
        MDC.put(Subject.ROUTE, routeId);
        if (traceId != null) {
            MDC.put(Subject.TRACE, traceId);
        }
        MDC.put(Subject.MESSAGE, delivery.messageId());
        MDC.put("topic", delivery.source().name());
        MDC.put("partition", Integer.toString(delivery.partition()));
        MDC.put("offset", Long.toString(delivery.offset()));
        MDC.put("key", delivery.key() == null ? "" : Display.cut(new String(delivery.key(), StandardCharsets.UTF_8)));
    }
}
