package dev.caravan.operations.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class RouteGaugesTest {

    @Test
    void countsMessagesUntilTheRouteIsRemoved() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        List<Double> meanwhile = new ArrayList<>();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind("meters", registry);
            context.addLifecycleStrategy(new RouteGauges());
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:outer").routeId("outer").to("direct:inner");
                    from("direct:inner").routeId("inner").process(exchange -> {
                        meanwhile.add(inFlight(registry, "outer"));
                        meanwhile.add(inFlight(registry, "inner"));
                    });
                }
            });
            context.start();

            context.createProducerTemplate().sendBody("direct:outer", "");

            assertThat(meanwhile).containsExactly(1.0, 1.0);
            assertThat(inFlight(registry, "outer")).isZero();

            context.getRouteController().stopRoute("inner");
            assertThat(inFlight(registry, "inner")).isZero();
            assertThat(value(registry, "caravan.route.up", "inner")).isZero();
            assertThat(value(registry, "caravan.route.up", "outer")).isOne();
            context.removeRoute("inner");
            assertThat(registry.find("caravan.route.in.flight").gauges()).hasSize(1);
            assertThat(registry.find("caravan.route.up").gauges()).hasSize(1);
        }
    }

    private static double inFlight(MeterRegistry registry, String route) {
        return value(registry, "caravan.route.in.flight", route);
    }

    private static double value(MeterRegistry registry, String name, String route) {
        return registry.get(name).tag("route", route).gauge().value();
    }
}
