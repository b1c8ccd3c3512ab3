package dev.caravan.reliability;

import dev.caravan.context.InContext;
import dev.caravan.database.DatabaseErrors;
import dev.caravan.edge.Edge;
import dev.caravan.edge.MessageId;
import dev.caravan.edge.Problem;
import dev.caravan.edge.RecordHeaders;
import dev.caravan.kafka.Readers;
import dev.caravan.logs.Escaped;
import dev.caravan.publish.Outstanding;
import dev.caravan.publish.Publishing;
import dev.caravan.topics.Topics;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.util.ObjectHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record that could not be processed, on its way to the next topic: key, value and headers unchanged, with the reason in
 * the headers that SmallRye Reactive Messaging gives such records.
 */
public final class Failure {

    private static final Logger LOG = LoggerFactory.getLogger(Failure.class);
    private static final String NEXT = "nextTopic";
    private static final int REASON_LENGTH = 1000;
    private static final int ADDED_BYTES = 8 * 1024;

    /** On a dead letter whose payload is larger than what Caravan sends: its size. The record itself stays in its topic. */
    private static final String OMITTED = "dead-letter-omitted-bytes";

    private Failure() {}

    /** No retry can help: the record goes to its dead-letter topic at once. */
    public static final class Incurable implements Predicate {
        @Override
        public boolean matches(Exchange exchange) {
            return !isCurable(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        }
    }

    /** Decides the topic and writes the headers. The records behind this one need not wait until the brokers have it there. */
    public static final class Decided extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Readers.goesOn(exchange);
            Delivery delivery = exchange.getProperty(Received.DELIVERY, Delivery.class);
            Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            Topics topics = bean(Topics.class);
            boolean fits = fits(exchange.getMessage(), delivery);
            NextTopic next = NextTopic.of(delivery.source(), topics.levels(), isCurable(failure) && fits);
            exchange.setProperty(NEXT, next);
            exchange.setProperty(Edge.TOPIC, next.name());
            exchange.setProperty(Edge.KEY, delivery.key());
            exchange.setProperty(Publishing.OUTSTANDING, new Outstanding());
            writeHeaders(exchange.getMessage(), delivery, failure, next);
            if (!fits) {
                leaveOutPayload(exchange.getMessage());
            }
            if (next.retry()) {
                LOG.warn("Processing failed, to {}: {}", next.name(), Escaped.line(reason(failure), REASON_LENGTH));
            } else {
                LOG.error("Processing failed, to {}", next.name(), failure);
            }
        }

        /** Whether the producer sends a record of that size; the headers that say why it failed are added to it. */
        private boolean fits(Message message, Delivery delivery) {
            long largest = Long.parseLong(getCamelContext().resolvePropertyPlaceholders("{{kafka.ladder.max.bytes}}"));
            long bytes = length(message.getBody(byte[].class)) + length(delivery.key()) + ADDED_BYTES;
            for (Object header : message.getHeaders().values()) {
                bytes += header instanceof byte[] value
                        ? value.length
                        : header instanceof String text ? text.length() : 0;
            }
            return bytes <= largest;
        }

        private static int length(byte[] bytes) {
            return bytes == null ? 0 : bytes.length;
        }

        private static void leaveOutPayload(Message message) {
            int bytes = length(message.getBody(byte[].class));
            message.setHeader(OMITTED, Integer.toString(bytes));
            message.setBody(null);
            LOG.error(
                    "The payload of {} bytes is left out of the dead letter, as no dead-letter topic takes it", bytes);
        }
    }

    /** Leaves it to the {@link Batch}, which goes no further than this record before the next topic has it. */
    public static final class Handed extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Delivery delivery = exchange.getProperty(Received.DELIVERY, Delivery.class);
            exchange.setProperty(Processed.FAILED, true);
            NextTopic next = exchange.getProperty(NEXT, NextTopic.class);
            bean(Batch.class)
                    .handed(
                            Trail.of(exchange, delivery, next.name(), due(next)),
                            exchange.getProperty(Publishing.OUTSTANDING, Outstanding.class));
        }

        private Instant due(NextTopic next) {
            if (!next.retry()) {
                return null;
            }
            String[] delays = getCamelContext()
                    .resolvePropertyPlaceholders("{{retry.delays}}")
                    .split(",");
            return Instant.now().plusMillis(Due.delayMillis(delays, Topics.level(next.name())));
        }
    }

    /**
     * Not curable are a {@link Problem}, unless it says when to try again, and data that the database refuses whenever it comes. All else
     * may pass.
     */
    static boolean isCurable(Exception failure) {
        Problem problem = ObjectHelper.getException(Problem.class, failure);
        return problem == null ? !DatabaseErrors.invalidData(failure) : problem.retryAfter() > 0;
    }

    private static void writeHeaders(Message message, Delivery delivery, Exception failure, NextTopic next) {
        Throwable root = root(failure);
        message.setHeader(MessageId.HEADER, delivery.messageId());
        message.setHeader(RecordHeaders.CONSUMER, delivery.source().consumer().name());
        message.setHeader("dead-letter-reason", reason(failure));
        message.setHeader("dead-letter-exception-class-name", failure.getClass().getName());
        if (root != failure) {
            message.setHeader("dead-letter-cause", reason(root));
        } else {
            message.removeHeader("dead-letter-cause");
        }
        // Where it came from is written once, at the foot of the ladder, whatever a record claims there.
        if (delivery.source().level() == 0) {
            message.setHeader("dead-letter-topic", delivery.source().origin());
            message.setHeader("dead-letter-partition", Integer.toString(delivery.partition()));
            message.setHeader("dead-letter-offset", Long.toString(delivery.offset()));
            if (delivery.originTopicId() == null) {
                message.removeHeader(Delivery.TOPIC_ID);
            } else {
                message.setHeader(Delivery.TOPIC_ID, delivery.originTopicId());
            }
            message.setHeader("delayed-retry-original-timestamp", Long.toString(delivery.timestamp()));
            message.setHeader("delayed-retry-first-processing-timestamp", Long.toString(delivery.receivedAt()));
        }
        int retries =
                next.retry() ? delivery.source().level() + 1 : delivery.source().level();
        message.setHeader("delayed-retry-count", Integer.toString(retries));
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    static String reason(Throwable failure) {
        String text = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return text.length() <= REASON_LENGTH ? text : text.substring(0, REASON_LENGTH) + "…";
    }
}
