package dev.caravan.metrics;

import dev.caravan.context.InContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;

/**
 * How long each route takes, as a histogram per route and outcome. Camel's own policy formats three texts for each message
 * and route to find its way from the beginning to the end; here the name is made once.
 */
public final class RouteTimers extends InContext implements RoutePolicyFactory {

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(10)
    };

    @Override
    public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
        return new Timed(routeId);
    }

    private final class Timed extends RoutePolicySupport {

        private final String began;
        private final Timer succeeded;
        private final Timer failed;

        Timed(String routeId) {
            began = "began:" + routeId;
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
            exchange.setProperty(began, System.nanoTime());
        }

        @Override
        public void onExchangeDone(Route route, Exchange exchange) {
            if (exchange.removeProperty(began) instanceof Long start) {
                (exchange.isFailed() ? failed : succeeded).record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
            }
        }
    }
}
