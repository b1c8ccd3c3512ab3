package dev.caravan.capability.deadletters;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Sets the gauges of open dead letters from the rows of a query. A body that is not a list means that the number is
 * unknown.
 */
public final class OpenDeadLetters extends ContextBean implements Processor {

    private static final String NAME = "caravan.dead.letters.open";

    private final Map<Tags, Number> counts = new ConcurrentHashMap<>();
    private MultiGauge gauge;

    @Override
    public void process(Exchange exchange) {
        if (gauge == null) {
            MeterRegistry registry = bean(MeterRegistry.class);
            // Those of an earlier bean, which an edit has replaced, would go on with that bean's counts.
            registry.find(NAME).gauges().forEach(registry::remove);
            gauge = MultiGauge.builder(NAME)
                    .description("Dead letters that are neither replayed nor discarded")
                    .register(registry);
        }
        Map<Tags, Number> open = new HashMap<>();
        if (exchange.getMessage().getBody() instanceof List<?> rows) {
            bean(Topics.class).consumers().all().forEach(each -> open.put(tags(each.name(), each.topic()), 0));
            RowsResponse.of(rows)
                    .forEach(row -> open.put(
                            tags((String) row.get("consumer"), (String) row.get("topic")), (Number) row.get("count")));
        }
        counts.putAll(open);
        // Existing gauges are kept: a scrape would find a replaced one twice and fail.
        gauge.register(open.keySet().stream()
                .map(tags -> MultiGauge.Row.of(
                        tags, counts, all -> all.getOrDefault(tags, Double.NaN).doubleValue()))
                .toList());
        counts.keySet().retainAll(open.keySet());
    }

    private static Tags tags(String consumer, String topic) {
        return Tags.of("consumer", consumer, "topic", topic);
    }
}
