package dev.caravan.reliability;

import dev.caravan.context.InContext;
import dev.caravan.crash.CrashPoint;
import dev.caravan.metrics.Counters;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The last step of every reliable consumer, reached when the record has had its effect or is safe in the next topic:
 * counts it and commits its offset.
 *
 * <p>A commit that fails is only logged. The effect has happened, so the record must not be treated as failed: either the
 * commit is made up for ({@link CommittingConsumer}), or whoever gets the record again finds its MessageID.
 */
public final class Processed extends InContext implements Processor {

    static final String FAILED = "processingFailed";

    private static final Logger LOG = LoggerFactory.getLogger(Processed.class);

    private final LongAdder count = new LongAdder();

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = exchange.getProperty(Received.DELIVERY, Delivery.class);
        if (!exchange.getProperty(FAILED, false, Boolean.class)) {
            bean(Counters.class).processed(delivery.source().name());
            count.increment();
        }
        try {
            delivery.commit().commit();
            CrashPoint.DONE.reachedBy(delivery.messageId());
        } catch (RuntimeException e) {
            LOG.warn("Offset not committed yet: {}", e.toString());
        }
        MDC.clear();
    }

    /** Messages processed since the start. */
    public long count() {
        return count.sum();
    }
}
