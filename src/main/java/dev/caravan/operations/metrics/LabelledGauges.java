package dev.caravan.operations.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** A gauge for a changing set of labels. An unknown value has no gauge, not the value 0. */
final class LabelledGauges {

    private final Map<Tags, DoubleSupplier> values = new ConcurrentHashMap<>();
    private final MultiGauge gauges;

    LabelledGauges(MeterRegistry registry, String name, String description) {
        gauges = MultiGauge.builder(name).description(description).register(registry);
    }

    /** @param now all known values */
    void set(Map<Tags, ? extends DoubleSupplier> now) {
        values.putAll(now);
        // Existing gauges are kept, so no scrape misses them.
        gauges.register(now.keySet().stream()
                .map(tags -> Row.of(tags, values, all -> all.getOrDefault(tags, () -> Double.NaN)
                        .getAsDouble()))
                .toList());
        values.keySet().retainAll(now.keySet());
    }
}
