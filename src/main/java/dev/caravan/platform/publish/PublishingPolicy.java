package dev.caravan.platform.publish;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.InnerErrorHandlers;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.crash.CrashPoint;
import dev.caravan.platform.edge.KafkaHeaders;
import dev.caravan.platform.edge.LogContext;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.http.EventLoopBatcher;
import dev.caravan.platform.kafka.TargetTopic;
import dev.caravan.platform.topics.Counters;
import dev.caravan.platform.topics.Topics;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.vertx.core.Context;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.apache.camel.spi.ReactiveExecutor;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.apache.camel.util.ObjectHelper;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes one record with the step inside, {@code to} or {@code toD}, to the topic of its URI. Sets the record's key.
 * After the step the property {@link #RECEIPT} holds the {@code RecordMetadata}, or the exchange has a
 * {@link ProblemException} for the client.
 *
 * <p>On consumer threads the policy blocks until Kafka acknowledges, because only that thread may commit. On an event
 * loop it never blocks; the exchange continues after the acknowledgement. If the property {@link #PENDING_ACKS} is set,
 * a consumer thread continues at once without a receipt, and checks the {@link PendingAcks} later. It still blocks until
 * the topic has accepted its first record. It ignores the circuit breaker.
 *
 * <p>Each topic has a circuit breaker: after ten consecutive failures, requests fail at once for one second; then two
 * requests try again. Camel's circuit breaker EIP would block the caller's thread.
 */
public final class PublishingPolicy extends ContextBean implements Policy {

    /** The property that holds the record's position. */
    public static final String RECEIPT = "CaravanReceipt";

    /** The property that holds {@link PendingAcks} if the exchange does not wait for the acknowledgement. */
    public static final String PENDING_ACKS = "CaravanPendingAcks";

    /** The property that holds the topic of the record. */
    public static final String TOPIC = "CaravanPublishedTopic";

    private static final Logger LOG = LoggerFactory.getLogger(PublishingPolicy.class);
    private static final int RETRY_AFTER_SECONDS = 2;

    private final RateLimitedLogger log = new RateLimitedLogger();
    private final CircuitBreakerRegistry breakers = CircuitBreakerRegistry.of(CircuitBreakerConfig.custom()
            .slidingWindowSize(10)
            .minimumNumberOfCalls(10)
            .failureRateThreshold(100)
            .waitDurationInOpenState(Duration.ofSeconds(1))
            .permittedNumberOfCallsInHalfOpenState(2)
            .build());

    @Override
    public void beforeWrap(Route route, NamedNode definition) {}

    @Override
    public Processor wrap(Route route, Processor steps) {
        Function<Exchange, String> topics = TargetTopic.of(steps)
                .orElseThrow(() -> new IllegalArgumentException("The policy publishing holds no step to kafka:"));
        InnerErrorHandlers.remove(steps);
        return new DelegateAsyncProcessor(steps) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                return publish(exchange, topics.apply(exchange), processor, callback);
            }
        };
    }

    private boolean publish(Exchange exchange, String topic, AsyncProcessor steps, AsyncCallback callback) {
        setRouting(exchange);
        exchange.setProperty(TOPIC, topic);
        CircuitBreaker breaker = breakers.circuitBreaker(topic);
        PendingAcks pendingAcks = exchange.getProperty(PENDING_ACKS, PendingAcks.class);
        // A consumer gains nothing from failing fast: it would only read its failed record again.
        if (pendingAcks == null && !breaker.tryAcquirePermission()) {
            exchange.setException(problem(exchange, topic, null));
            callback.done(true);
            return true;
        }
        long start = breaker.getCurrentTimestamp();
        if (!Context.isOnEventLoopThread()) {
            if (pendingAcks != null && breaker.getMetrics().getNumberOfSuccessfulCalls() > 0) {
                pendingAcks.add(sendWithoutWaiting(exchange, topic, steps, breaker, start));
            } else {
                send(exchange, steps);
                handleResult(exchange, topic, breaker, start, pendingAcks == null);
            }
            callback.done(true);
            return true;
        }
        EventLoopBatcher eventLoopBatcher = EventLoopBatcher.current();
        // Once the event loop has read all pending requests, so that records that arrived together are sent together.
        eventLoopBatcher.add(() -> steps.process(
                exchange,
                doneSync -> eventLoopBatcher.add(() -> {
                    handleResult(exchange, topic, breaker, start, pendingAcks == null);
                    callback.done(false);
                })));
        return false;
    }

    /**
     * Sets the key, and removes all other routing headers of Camel's Kafka producer, so that the record goes to the topic
     * of the step's URI.
     */
    private static void setRouting(Exchange exchange) {
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

    /** Sends a copy, because the exchange continues meanwhile. */
    private CompletableFuture<?> sendWithoutWaiting(
            Exchange exchange, String topic, AsyncProcessor steps, CircuitBreaker breaker, long start) {
        Exchange copy = ExchangeHelper.createCorrelatedCopy(exchange, false);
        CompletableFuture<Exchange> acknowledged = steps.processAsync(copy);
        // Runs the tasks that Camel queued for this thread, as Camel's own blocking wait does.
        ReactiveExecutor executor = getCamelContext().getCamelContextExtension().getReactiveExecutor();
        while (!acknowledged.isDone() && executor.executeFromQueue()) {}
        return acknowledged.thenAccept(done -> {
            handleResult(copy, topic, breaker, start, false);
            if (copy.getException() != null) {
                throw new CompletionException(copy.getException());
            }
        });
    }

    private static void send(Exchange exchange, AsyncProcessor steps) {
        try {
            steps.process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
    }

    /**
     * @param permitted whether a permission of the breaker was acquired; it is released if the failure is not Kafka's
     */
    private void handleResult(Exchange exchange, String topic, CircuitBreaker breaker, long start, boolean permitted) {
        List<?> receipts = exchange.getMessage().getHeader(KafkaHeaders.RECORD_META, List.class);
        Exception failure = exchange.getException() == null && receipts == null
                ? new IllegalStateException("the step returned no RecordMetadata")
                : exchange.getException();
        long took = breaker.getCurrentTimestamp() - start;
        if (failure == null) {
            breaker.onSuccess(took, breaker.getTimestampUnit());
            exchange.setProperty(RECEIPT, receipts.get(0));
            String messageId = exchange.getProperty(RequestValidator.MESSAGE_ID, String.class);
            // A user's route may publish without a MessageID.
            if (messageId != null && !Topics.isLadder(topic)) {
                bean(RecentReceipts.class).add(messageId, (RecordMetadata) receipts.get(0));
            }
            CrashPoint.ACKNOWLEDGED.reachedBy(messageId);
            bean(Counters.class).published(topic);
            return;
        }
        if (isTooLarge(failure) || isOverloaded(failure)) {
            if (permitted) {
                breaker.releasePermission();
            }
        } else {
            breaker.onError(took, breaker.getTimestampUnit(), failure);
        }
        exchange.setException(problem(exchange, topic, failure));
    }

    /** @param cause null if the circuit breaker was open: the failures that opened it have been logged */
    private ProblemException problem(Exchange exchange, String topic, Exception cause) {
        bean(Counters.class).publishFailed(topic);
        if (cause != null) {
            try (LogContext logContext = LogContext.of(exchange)) {
                log.warn(
                        LOG,
                        topic + " " + cause.getClass().getName(),
                        "Kafka did not take a record for {}: {}",
                        topic,
                        cause.toString());
            }
        }
        if (isOverloaded(cause)) {
            return ProblemException.unavailable("Too many bytes are in flight to Kafka.", RETRY_AFTER_SECONDS);
        }
        if (isTooLarge(cause)) {
            return ProblemException.of(413, "too-large", "The record is larger than its topic accepts.");
        }
        return ProblemException.notPublished(
                isForbidden(cause)
                        ? "Kafka does not allow this program to write to the topic; its operator has to permit it."
                        : "Kafka did not take the message in time; it may be sent again with the same Message-ID.",
                RETRY_AFTER_SECONDS,
                cause);
    }

    private static boolean isForbidden(Exception failure) {
        return ObjectHelper.getException(AuthorizationException.class, failure) != null;
    }

    /** Whether the producer's own buffer is full, which does not mean that the brokers fail. */
    private static boolean isOverloaded(Exception failure) {
        return ObjectHelper.getException(BufferExhaustedException.class, failure) != null;
    }

    private static boolean isTooLarge(Exception failure) {
        return ObjectHelper.getException(RecordTooLargeException.class, failure) != null;
    }
}
