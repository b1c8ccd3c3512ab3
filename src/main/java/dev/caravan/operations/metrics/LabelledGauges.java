package dev.caravan.operations.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** A gauge for a changing set of labels. An unknown value has no gauge, not the value 0. */
public final class LabelledGauges {

    private final Map<Tags, DoubleSupplier> values = new ConcurrentHashMap<>();
    private final MultiGauge gauges;

    /** The gauges replace those of an earlier object with the same name, which would go on with its values. */
    public LabelledGauges(MeterRegistry registry, String name, String description) {
        registry.find(name).gauges().forEach(registry::remove);
        gauges = MultiGauge.builder(name).description(description).register(registry);
    }

    /** @param now all known values */
    public void set(Map<Tags, ? extends DoubleSupplier> now) {
        values.putAll(now);
        // Existing gauges are kept: a scrape would miss a replaced one, or find it twice and fail.
        gauges.register(now.keySet().stream()
                .map(tags -> Row.of(tags, values, all -> all.getOrDefault(tags, () -> Double.NaN)
                        .getAsDouble()))
                .toList());
        values.keySet().retainAll(now.keySet());
    }
}
