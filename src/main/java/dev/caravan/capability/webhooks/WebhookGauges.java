package dev.caravan.capability.webhooks;

import dev.caravan.operations.metrics.LabelledGauges;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.http.RowsResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Sets the gauges of endpoints and due deliveries from the rows of a query, one per endpoint state. A body that is not a
 * list removes the values.
 */
public final class WebhookGauges extends ContextBean implements Processor {

    private static final List<String> STATES = List.of("enabled", "disabled");

    private LabelledGauges endpoints;
    private LabelledGauges due;

    @Override
    public void process(Exchange exchange) {
        if (endpoints == null) {
            MeterRegistry registry = bean(MeterRegistry.class);
            endpoints = new LabelledGauges(registry, "caravan.webhook.endpoints", "Endpoints of webhooks");
            due = new LabelledGauges(registry, "caravan.webhook.due", "Deliveries that are due and not in flight");
        }
        Object body = exchange.getMessage().getBody();
        endpoints.set(counts(body, "endpoints"));
        due.set(counts(body, "due"));
    }

    private static Map<Tags, DoubleSupplier> counts(Object body, String column) {
        Map<Tags, DoubleSupplier> counts = new HashMap<>();
        if (body instanceof List<?> rows) {
            STATES.forEach(state -> counts.put(Tags.of("state", state), () -> 0));
            RowsResponse.of(rows).forEach(row -> {
                Number count = (Number) row.get(column);
                counts.put(Tags.of("state", (String) row.get("state")), count::doubleValue);
            });
        }
        return counts;
    }
}
