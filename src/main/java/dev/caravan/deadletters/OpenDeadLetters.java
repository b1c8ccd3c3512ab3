package dev.caravan.deadletters;

import dev.caravan.context.InContext;
import dev.caravan.http.Rows;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The rows of a query, as the gauge of open dead letters. A body that is no list means that the number is not known. */
public final class OpenDeadLetters extends InContext implements Processor {

    private MultiGauge gauge;

    @Override
    public void process(Exchange exchange) {
        if (gauge == null) {
            gauge = MultiGauge.builder("caravan.dead.letters.open")
                    .description("Dead letters that are neither replayed nor discarded")
                    .register(bean(MeterRegistry.class));
        }
        List<Map<String, Object>> rows =
                exchange.getMessage().getBody() instanceof List<?> list ? Rows.of(list) : List.of();
        gauge.register(
                rows.stream()
                        .map(row -> MultiGauge.Row.of(
                                Tags.of("consumer", (String) row.get("consumer"), "topic", (String) row.get("topic")),
                                (Number) row.get("count")))
                        .toList(),
                true);
    }
}
