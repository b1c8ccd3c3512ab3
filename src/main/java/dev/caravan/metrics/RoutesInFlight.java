package dev.caravan.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Route;
import org.apache.camel.support.LifecycleStrategySupport;

/** How many messages are in each route, as Camel counts them itself. A route that an edit takes away takes its gauge with it. */
public final class RoutesInFlight extends LifecycleStrategySupport {

    private final Map<String, Meter> gauges = new ConcurrentHashMap<>();

    @Override
    public void onRoutesAdd(Collection<Route> routes) {
        routes.forEach(route -> gauges.computeIfAbsent(route.getId(), id -> Gauge.builder(
                        "caravan.route.in.flight",
                        route.getCamelContext().getInflightRepository(),
                        inFlight -> inFlight.size(id))
                .description("How many messages are in a route")
                .tag("route", id)
                .register(registry(route))));
    }

    @Override
    public void onRoutesRemove(Collection<Route> routes) {
        routes.forEach(route -> {
            Meter gauge = gauges.remove(route.getId());
            if (gauge != null) {
                registry(route).remove(gauge);
            }
        });
    }

    private static MeterRegistry registry(Route route) {
        return route.getCamelContext().getRegistry().findSingleByType(MeterRegistry.class);
    }
}
