package dev.caravan.operations.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.StatefulService;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Gauges of the messages in each route and of whether the route runs. A route that does not start in this role has no
 * gauge for the latter. If an edit removes a route, its gauges are removed.
 */
public final class RouteGauges extends LifecycleStrategySupport {

    private final Map<String, List<Meter>> gauges = new ConcurrentHashMap<>();

    @Override
    public void onRoutesAdd(Collection<Route> routes) {
        routes.forEach(route -> gauges.computeIfAbsent(route.getId(), id -> of(route)));
    }

    private static List<Meter> of(Route route) {
        String id = route.getId();
        List<Meter> meters = new ArrayList<>();
        meters.add(gauge(
                route,
                "caravan.route.in.flight",
                "How many messages are in a route",
                context -> context.getInflightRepository().size(id)));
        if (route.isAutoStartup()) {
            meters.add(gauge(route, "caravan.route.up", "1 when a route runs, else 0", context -> up(context, id)));
        }
        return meters;
    }

    private static Meter gauge(Route route, String name, String description, ToDoubleFunction<CamelContext> value) {
        return Gauge.builder(name, route.getCamelContext(), value)
                .description(description)
                .tag("route", route.getId())
                .register(registry(route));
    }

    private static double up(CamelContext context, String id) {
        Route route = context.getRoute(id);
        ServiceStatus status = context.getRouteController().getRouteStatus(id);
        return route != null
                        && status != null
                        && status.isStarted()
                        && !(route.getConsumer() instanceof StatefulService consumer && !consumer.isStarted())
                ? 1
                : 0;
    }

    @Override
    public void onRoutesRemove(Collection<Route> routes) {
        for (Route route : routes) {
            Optional.ofNullable(gauges.remove(route.getId())).ifPresent(all -> all.forEach(registry(route)::remove));
        }
    }

    private static MeterRegistry registry(Route route) {
        return route.getCamelContext().getRegistry().findSingleByType(MeterRegistry.class);
    }
}
