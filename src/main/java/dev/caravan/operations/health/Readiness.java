package dev.caravan.operations.health;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.edge.Json;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheck.State;
import org.apache.camel.health.HealthCheckHelper;

/**
 * Whether this instance is ready: the program has started and Kafka answers. The database and the routes are not
 * required, because the instance still accepts messages without the database and serves the other routes. The response
 * lists all checks with their states.
 */
public final class Readiness {

    private static final Set<String> REQUIRED = Set.of("context", "kafka");

    /** @param json the response body */
    public record Answer(boolean isReady, byte[] json) {}

    private final CamelContext context;

    /** Adds a gauge for each probe. */
    public Readiness(CamelContext context) {
        this.context = context;
        MeterRegistry registry = context.getRegistry().findSingleByType(MeterRegistry.class);
        for (Probe probe : context.getRegistry().findByType(Probe.class)) {
            Gauge.builder("caravan." + probe.getId() + ".up", probe, Probe::up)
                    .description("1 when it answers, else 0")
                    .register(registry);
        }
    }

    public Answer answer() {
        List<HealthCheck.Result> results = HealthCheckHelper.invoke(context).stream()
                .sorted(Comparator.comparing(result -> result.getCheck().getId()))
                .toList();
        boolean ready = results.stream()
                .allMatch(result -> !REQUIRED.contains(result.getCheck().getId()) || result.getState() == State.UP);
        ObjectNode answer = Json.MAPPER.createObjectNode().put("status", ready ? "UP" : "DOWN");
        ArrayNode checks = answer.putArray("checks");
        for (HealthCheck.Result result : results) {
            String id = result.getCheck().getId();
            ObjectNode check = checks.addObject()
                    .put("name", id)
                    .put("status", result.getState().name())
                    .put("required", REQUIRED.contains(id));
            result.getMessage().ifPresent(message -> check.put("message", message));
        }
        return new Answer(ready, Json.bytes(answer));
    }
}
