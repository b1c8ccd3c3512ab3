package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.EscapedText;
import dev.caravan.platform.database.DatabaseErrors;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.RawHeaders;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.edge.ReservedHeaders;
import dev.caravan.platform.kafka.AttemptTimeoutException;
import dev.caravan.platform.kafka.ConsumerThreads;
import dev.caravan.platform.publish.PendingAcks;
import dev.caravan.platform.publish.PublishingPolicy;
import dev.caravan.platform.topics.Topics;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.util.ObjectHelper;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands a failed record to the next topic: key, value and headers unchanged, plus the failure headers that SmallRye
 * Reactive Messaging defines.
 */
public final class FailureSteps {

    private static final Logger LOG = LoggerFactory.getLogger(FailureSteps.class);
    /** Whether a retry may help and a retry tier is left; otherwise the record goes to its dead-letter topic. */
    private static final String RETRYABLE = "CaravanRetryable";
    /** 0 for a record of the topic itself, n for a record of retry tier n. */
    private static final String RETRY_TIER = "CaravanRetryTier";
    /** Name prefix of the consumer's retry and dead-letter topics: {@code orders} or {@code orders.billing}. */
    private static final String BASE_TOPIC = "CaravanBaseTopic";

    static final int REASON_LENGTH = 1000;
    private static final int ADDED_BYTES = 8 * 1024;

    private FailureSteps() {}

    /** Matches failures that no retry cures. Their records go to the dead-letter topic at once. */
    public static final class NonRetryable implements Predicate {
        @Override
        public boolean matches(Exchange exchange) {
            return !isCurable(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        }
    }

    /**
     * Decides whether a retry may help, and writes the failure headers. The next records do not wait until the brokers
     * have this one.
     */
    public static final class DescribeFailure extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            ConsumerThreads.markProcessing(exchange);
            Delivery delivery = exchange.getProperty(ReceiveRecord.DELIVERY, Delivery.class);
            Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            boolean fits = fits(exchange.getMessage(), delivery);
            int tier = delivery.source().level();
            boolean retryable =
                    isCurable(failure) && fits && tier < bean(Topics.class).levels();
            exchange.setProperty(RETRYABLE, retryable);
            exchange.setProperty(RETRY_TIER, tier);
            exchange.setProperty(BASE_TOPIC, delivery.source().consumer().ladder());
            exchange.setProperty(RequestValidator.KEY, delivery.key());
            exchange.setProperty(PublishingPolicy.PENDING_ACKS, new PendingAcks());
            Headers headers = headers(exchange.getMessage(), delivery, failure, retryable);
            if (!fits) {
                omitPayload(exchange.getMessage(), headers);
            }
            RawHeaders.write(exchange.getMessage(), headers);
        }

        /** Whether the producer accepts the record with the failure headers. */
        private boolean fits(Message message, Delivery delivery) {
            long maxBytes = Long.parseLong(getCamelContext().resolvePropertyPlaceholders("{{kafka.ladder.max.bytes}}"));
            long bytes = length(message.getBody(byte[].class)) + length(delivery.key()) + ADDED_BYTES;
            for (Header header : RawHeaders.of(message)) {
                bytes += header.key().length() + length(header.value());
            }
            return bytes <= maxBytes;
        }

        private static int length(byte[] bytes) {
            return bytes == null ? 0 : bytes.length;
        }

        private static void omitPayload(Message message, Headers headers) {
            int bytes = length(message.getBody(byte[].class));
            RawHeaders.set(headers, ReservedHeaders.OMITTED, Integer.toString(bytes));
            message.setBody(null);
            LOG.error(
                    "The dead letter omits its payload of {} bytes, which is too large for a dead-letter topic", bytes);
        }
    }

    /**
     * Adds the record to the {@link ConsumerTransaction}, which commits its offset only once the next topic has the
     * record.
     */
    public static final class RecordHandOver extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Delivery delivery = exchange.getProperty(ReceiveRecord.DELIVERY, Delivery.class);
            exchange.setProperty(CompleteRecord.FAILED, true);
            String next = exchange.getProperty(PublishingPolicy.TOPIC, String.class);
            Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            log(next, failure);
            ConsumerTransaction transaction = bean(ConsumerTransaction.class);
            transaction.addHandedOver(
                    new FailedAttempts.FailedRecord(delivery, FailedAttempts.of(exchange), next, due(next)),
                    exchange.getProperty(PublishingPolicy.PENDING_ACKS, PendingAcks.class));
            if (failure instanceof AttemptTimeoutException) {
                // If the next record timed out too, this one would be read again and block again.
                transaction.commitCompleted();
            }
        }

        private static void log(String next, Exception failure) {
            String reason = EscapedText.line(reason(failure), REASON_LENGTH);
            if (Topics.isDlq(next)) {
                LOG.error("Processing failed, to {}: {}", next, reason, failure);
            } else {
                LOG.warn("Processing failed, to {}: {}", next, reason);
            }
        }

        private Instant due(String next) {
            if (Topics.isDlq(next)) {
                return null;
            }
            String[] delays = getCamelContext()
                    .resolvePropertyPlaceholders("{{retry.delays}}")
                    .split(",");
            return Instant.now().plusMillis(RetryDelay.delayMillis(delays, Topics.level(next)));
        }
    }

    /**
     * Whether a retry may help: not for a {@link ProblemException} without {@code Retry-After}, nor for data that the
     * database always rejects.
     */
    static boolean isCurable(Exception failure) {
        ProblemException problem = ObjectHelper.getException(ProblemException.class, failure);
        return problem == null ? !DatabaseErrors.invalidData(failure) : problem.retryAfter() > 0;
    }

    private static Headers headers(Message message, Delivery delivery, Exception failure, boolean retryable) {
        Headers headers = RawHeaders.of(message);
        if (!delivery.messageId().equals(message.getHeader(MessageId.HEADER, String.class))) {
            RawHeaders.set(headers, MessageId.HEADER, delivery.messageId());
        }
        RawHeaders.set(
                headers, ReservedHeaders.CONSUMER, delivery.source().consumer().name());
        RawHeaders.set(headers, "dead-letter-reason", reason(failure));
        RawHeaders.set(
                headers, "dead-letter-exception-class-name", failure.getClass().getName());
        headers.remove("dead-letter-cause");
        if (failure.getCause() != null) {
            RawHeaders.set(headers, "dead-letter-cause", ErrorText.root(failure, REASON_LENGTH));
        }
        // The origin is written once, by the consumer of the topic itself. It overwrites such headers of the client.
        if (delivery.source().level() == 0) {
            RawHeaders.set(headers, "dead-letter-topic", delivery.source().origin());
            RawHeaders.set(headers, "dead-letter-partition", Integer.toString(delivery.partition()));
            RawHeaders.set(headers, "dead-letter-offset", Long.toString(delivery.offset()));
            RawHeaders.set(headers, Delivery.TOPIC_ID, delivery.originTopicId());
            RawHeaders.set(headers, "delayed-retry-original-timestamp", Long.toString(delivery.timestamp()));
            RawHeaders.set(headers, "delayed-retry-first-processing-timestamp", Long.toString(delivery.receivedAt()));
        }
        int retries = delivery.source().level() + (retryable ? 1 : 0);
        RawHeaders.set(headers, ReservedHeaders.RETRY_COUNT, Integer.toString(retries));
        headers.remove(ReservedHeaders.OMITTED);
        return headers;
    }

    static String reason(Throwable failure) {
        return ErrorText.line(failure, REASON_LENGTH);
    }
}
