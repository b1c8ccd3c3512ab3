package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.ReservedHeaders;
import dev.caravan.platform.kafka.ConsumerThreads;
import dev.caravan.platform.settings.Durations;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.StatefulService;

/**
 * Waits until a record of a retry topic is due. All records of a topic have the same delay and so are due in order:
 * waiting for one delays no record that is due. A replayed record is due at once, after the records before it.
 *
 * <p>Sleeps on the consumer's thread, in slices. The consumer does not poll meanwhile, so a delay must be shorter than
 * {@code max.poll.interval.ms}. When the route stops, the wait ends at once with
 * {@link RetryDelayInterruptedException}, and the record is read again after the next start.
 */
public final class RetryDelay extends ContextBean implements Processor {

    /** The route stopped before the record was due. */
    public static final class RetryDelayInterruptedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RetryDelayInterruptedException() {
            super("The route stops; the record stays in its retry topic.", null, false, false);
        }
    }

    private static final long SLICE_MILLIS = 100;

    private String[] delays;

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Delivery delivery = exchange.getProperty(ReceiveRecord.DELIVERY, Delivery.class);
        boolean replayed = ReservedHeaders.REPLAYED.equals(
                exchange.getMessage().getHeader(ReservedHeaders.RETRY_COUNT, String.class));
        long due = replayed
                ? 0
                : delivery.timestamp() + delayMillis(delays, delivery.source().level());
        Consumer consumer =
                exchange.getContext().getRoute(exchange.getFromRouteId()).getConsumer();
        if (due > System.currentTimeMillis()) {
            bean(ConsumerTransaction.class).commitBeforeWait();
            ConsumerThreads.markWaiting(exchange);
        }
        for (long left = due - System.currentTimeMillis(); left > 0; left = due - System.currentTimeMillis()) {
            if (stops(exchange.getContext(), consumer)) {
                throw new RetryDelayInterruptedException();
            }
            Thread.sleep(Math.min(left, SLICE_MILLIS));
        }
        ConsumerThreads.markProcessing(exchange);
    }

    static long delayMillis(String[] delays, int level) {
        return Durations.millis(delays[level - 1]);
    }

    private static boolean stops(CamelContext context, Consumer consumer) {
        return context.isStopping()
                || context.isStopped()
                || consumer instanceof StatefulService service && !service.isRunAllowed();
    }

    /** The delay of each retry tier, comma-separated. */
    public void setDelays(String delays) {
        this.delays = delays.split(",");
    }
}
