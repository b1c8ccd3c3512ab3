package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.crash.CrashPoint;
import dev.caravan.platform.edge.KafkaHeaders;
import dev.caravan.platform.edge.LogContext;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.edge.ReservedHeaders;
import dev.caravan.platform.edge.TraceParent;
import dev.caravan.platform.kafka.ConsumerThreads;
import dev.caravan.platform.topics.TopicIds;
import dev.caravan.platform.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The first step of every reliable consumer: logs the record and stores its {@link Delivery} in a property, which the
 * steps of the route do not change.
 */
public final class ReceiveRecord extends ContextBean implements Processor {

    /** The property that holds the {@link Delivery}. */
    public static final String DELIVERY = "CaravanDelivery";

    /** Values of the delivery for SQL statements of routes. As separate properties they need no reflection. */
    private static final String RECORD_TIME = "CaravanRecordTime";

    private static final String RECORD_OFFSET = "CaravanRecordOffset";
    private static final String RECORD_PARTITION = "CaravanRecordPartition";
    private static final String TOPIC_ID = "CaravanTopicId";

    /** The current id of the topic; it differs from the record's if the topic was deleted and created again. */
    private static final String CURRENT_TOPIC_ID = "CaravanCurrentTopicId";

    private static final Logger LOG = LoggerFactory.getLogger(ReceiveRecord.class);

    private final LongAdder count = new LongAdder();

    @Override
    public void process(Exchange exchange) {
        // The previous record may have left the route by an exception, without clearing the MDC.
        MDC.clear();
        Message message = exchange.getMessage();
        Topics.Source source = source(exchange);
        Delivery delivery = Delivery.of(message, source, topicId(message, source));
        exchange.setProperty(DELIVERY, delivery);
        if (bean(ConsumerTransaction.class).isLost()) {
            // The rest of the poll is skipped and read again.
            exchange.setRouteStop(true);
            return;
        }
        exchange.setProperty(RequestValidator.MESSAGE_ID, delivery.messageId());
        exchange.setProperty(RECORD_TIME, delivery.originTime());
        exchange.setProperty(RECORD_OFFSET, delivery.originOffset());
        exchange.setProperty(RECORD_PARTITION, delivery.originPartition());
        exchange.setProperty(TOPIC_ID, delivery.originTopicId());
        exchange.setProperty(CURRENT_TOPIC_ID, currentTopicId(delivery));
        setLogContext(delivery, exchange.getFromRouteId(), TraceParent.traceId(exchange));
        bean(ConsumerThreads.class)
                .beginRecord(
                        exchange,
                        new TopicPartition(delivery.source().name(), delivery.partition()),
                        delivery.offset());
        count.increment();
        LOG.info("{}", Display.received(count.sum(), delivery.source().name(), message.getBody(byte[].class)));
        CrashPoint.RECEIVED.reachedBy(delivery.messageId());
    }

    private Topics.Source source(Exchange exchange) {
        Message message = exchange.getMessage();
        return bean(Topics.class)
                .source(
                        message.getHeader(KafkaHeaders.TOPIC, String.class),
                        ((KafkaEndpoint) exchange.getFromEndpoint())
                                .getConfiguration()
                                .getGroupId(),
                        message.getHeader(ReservedHeaders.CONSUMER, String.class));
    }

    /** The id of the topic that the record was first published to; null if unknown. */
    private String topicId(Message message, Topics.Source source) {
        if (source.level() == 0) {
            return bean(TopicIds.class)
                    .of(
                            source.name(),
                            message.getHeader(KafkaHeaders.PARTITION, Integer.class),
                            message.getHeader(KafkaHeaders.OFFSET, Long.class))
                    .orElse(null);
        }
        String topicId = message.getHeader(Delivery.TOPIC_ID, String.class);
        return topicId != null && topicId.matches("[\\w-]{22}") ? topicId : null;
    }

    private String currentTopicId(Delivery delivery) {
        return delivery.source().level() == 0
                ? delivery.originTopicId()
                : bean(TopicIds.class).current(delivery.source().origin()).orElse(null);
    }

    private static void setLogContext(Delivery delivery, String routeId, String traceId) {
        MDC.put(LogContext.ROUTE, routeId);
        if (traceId != null) {
            MDC.put(LogContext.TRACE, traceId);
        }
        MDC.put(LogContext.MESSAGE, delivery.messageId());
        MDC.put("topic", delivery.source().name());
        MDC.put("partition", Integer.toString(delivery.partition()));
        MDC.put("offset", Long.toString(delivery.offset()));
        MDC.put("key", delivery.key() == null ? "" : Display.cut(new String(delivery.key(), StandardCharsets.UTF_8)));
    }
}
