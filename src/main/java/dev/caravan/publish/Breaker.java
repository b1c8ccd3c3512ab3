package dev.caravan.publish;

import dev.caravan.context.InContext;
import dev.caravan.edge.Edge;
import dev.caravan.edge.Problem;
import dev.caravan.metrics.Counters;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.time.Duration;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.apache.camel.util.ObjectHelper;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A circuit breaker around the steps inside, one for each topic: once Kafka has taken nothing ten times in a row, callers
 * are answered at once for a second, and then two of them try again. What failed becomes the {@link Problem} that the
 * caller is told.
 *
 * <p>Camel's own EIP for it waits for the steps on the caller's thread; this one does not.
 */
public final class Breaker extends InContext implements Policy {

    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);
    private static final int RETRY_AFTER_SECONDS = 2;

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
        return new DelegateAsyncProcessor(steps) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                return guard(exchange, processor, callback);
            }
        };
    }

    private boolean guard(Exchange exchange, AsyncProcessor steps, AsyncCallback callback) {
        String topic = exchange.getProperty(Edge.TOPIC, String.class);
        CircuitBreaker breaker = breakers.circuitBreaker(topic);
        if (!breaker.tryAcquirePermission()) {
            exchange.setException(failed(topic, null));
            callback.done(true);
            return true;
        }
        long start = breaker.getCurrentTimestamp();
        return steps.process(exchange, doneSync -> {
            Exception failure = exchange.getException();
            long took = breaker.getCurrentTimestamp() - start;
            if (failure == null) {
                breaker.onSuccess(took, breaker.getTimestampUnit());
            } else {
                if (isTooLarge(failure)) {
                    breaker.releasePermission();
                } else {
                    breaker.onError(took, breaker.getTimestampUnit(), failure);
                }
                exchange.setException(failed(topic, failure));
            }
            callback.done(doneSync);
        });
    }

    /** @param cause null where the circuit was open: the failures that opened it have been logged */
    private Problem failed(String topic, Exception cause) {
        bean(Counters.class).publishFailed(topic);
        if (cause != null) {
            LOG.warn("Kafka did not take a record for {}: {}", topic, cause.toString());
        }
        return isTooLarge(cause)
                ? Problem.of(413, "too-large", "The record is larger than its topic takes.")
                : Problem.notPublished(
                        "Kafka did not take the message in time; it may be sent again with the same Message-ID.",
                        RETRY_AFTER_SECONDS,
                        cause);
    }

    private static boolean isTooLarge(Exception failure) {
        return ObjectHelper.getException(RecordTooLargeException.class, failure) != null;
    }
}
