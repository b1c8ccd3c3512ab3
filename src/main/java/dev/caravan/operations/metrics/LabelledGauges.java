package dev.caravan.operations.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** A gauge for a changing set of labels. While a value is unknown, its gauge is absent. */
public final class LabelledGauges {

    private final Map<Tags, DoubleSupplier> values = new ConcurrentHashMap<>();
    private final MultiGauge gauges;

    /** Removes the gauges of an earlier object with the same name, whose values are outdated. */
    public LabelledGauges(MeterRegistry registry, String name, String description) {
        registry.find(name).gauges().forEach(registry::remove);
        gauges = MultiGauge.builder(name).description(description).register(registry);
    }

    /** @param now all known values */
    public void set(Map<Tags, ? extends DoubleSupplier> now) {
        values.putAll(now);
        // Existing gauges are kept, because a scrape could miss a replaced one, or find it twice and fail.
        gauges.register(now.keySet().stream()
                .map(tags -> Row.of(tags, values, all -> all.getOrDefault(tags, () -> Double.NaN)
                        .getAsDouble()))
                .toList());
        values.keySet().retainAll(now.keySet());
    }
}
