package dev.caravan.operations.metrics;

import dev.caravan.platform.context.ContextBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;

/**
 * Measures how long messages are in each route, as a histogram per outcome. Camel's own policy formats three strings per
 * message and route to match start and end; this one formats none.
 */
public final class RouteTimers extends ContextBean implements RoutePolicyFactory {

    private static final Duration[] BUCKETS = LongStream.of(1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    /** Figures of a route since the start. The durations are null before its first message. */
    public record RouteFigures(long exchanges, long failures, Double meanMillis, Double p95Millis, Double p99Millis) {}

    /** A message in a route. {@code outer} is set if it was already in the same route. */
    private record Started(long nanos, LongAdder group, Object outer) {}

    private final Map<String, Timed> routes = new ConcurrentHashMap<>();

    @Override
    public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
        return routes.computeIfAbsent(routeId, Timed::new);
    }

    /**
     * Whether every message in the route arrived within that time. May return false when an older message has just left.
     */
    public boolean isWithin(String routeId, Duration age) {
        Timed route = routes.get(routeId);
        return route == null || route.occupancy.isWithin(age);
    }

    /** Percentiles are interpolated within the buckets of the histogram. Durations over 10 s count as 10 s. */
    public RouteFigures figures(String routeId) {
        Timed route = routes.get(routeId);
        long failures = route == null ? 0 : route.failed.count();
        long all = route == null ? 0 : failures + route.succeeded.count();
        if (all == 0) {
            return new RouteFigures(0, 0, null, null, null);
        }
        double total = route.failed.totalTime(TimeUnit.MILLISECONDS) + route.succeeded.totalTime(TimeUnit.MILLISECONDS);
        double[] counts = new double[BUCKETS.length];
        for (Timer timer : List.of(route.succeeded, route.failed)) {
            CountAtBucket[] buckets = timer.takeSnapshot().histogramCounts();
            for (int i = 0; i < counts.length && i < buckets.length; i++) {
                counts[i] += buckets[i].count();
            }
        }
        return new RouteFigures(all, failures, total / all, quantile(0.95 * all, counts), quantile(0.99 * all, counts));
    }

    /** @param counts cumulative counts of the buckets */
    static double quantile(double rank, double[] counts) {
        double from = 0;
        double below = 0;
        for (int i = 0; i < counts.length; i++) {
            double to = BUCKETS[i].toMillis();
            if (counts[i] >= rank) {
                return from + (to - from) * (rank - below) / (counts[i] - below);
            }
            from = to;
            below = counts[i];
        }
        return from;
    }

    private final class Timed extends RoutePolicySupport {

        private final String began;
        private final Timer succeeded;
        private final Timer failed;
        private final Occupancy occupancy = new Occupancy();

        Timed(String routeId) {
            began = "CaravanBegan:" + routeId;
            succeeded = timer(routeId, "success");
            failed = timer(routeId, "failure");
        }

        private Timer timer(String routeId, String outcome) {
            return Timer.builder("caravan.route")
                    .description("How long a message is in a route")
                    .tag("route", routeId)
                    .tag("outcome", outcome)
                    .serviceLevelObjectives(BUCKETS)
                    .register(bean(MeterRegistry.class));
        }

        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
            exchange.setProperty(began, new Started(System.nanoTime(), occupancy.enter(), exchange.getProperty(began)));
        }

        @Override
        public void onExchangeDone(Route route, Exchange exchange) {
            if (exchange.removeProperty(began) instanceof Started started) {
                started.group().decrement();
                if (started.outer() != null) {
                    exchange.setProperty(began, started.outer());
                }
                (exchange.isFailed() ? failed : succeeded)
                        .record(System.nanoTime() - started.nanos(), TimeUnit.NANOSECONDS);
            }
        }
    }
}
