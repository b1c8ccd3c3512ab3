package dev.caravan.capability.deadletters;

import dev.caravan.operations.metrics.LabelledGauges;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Sets the gauges of open dead letters from the rows of a query. A body that is not a list removes the values. */
public final class OpenDeadLetters extends ContextBean implements Processor {

    private LabelledGauges gauges;

    @Override
    public void process(Exchange exchange) {
        if (gauges == null) {
            gauges = new LabelledGauges(
                    bean(MeterRegistry.class),
                    "caravan.dead.letters.open",
                    "Dead letters that are neither replayed nor discarded");
        }
        Map<Tags, DoubleSupplier> open = new HashMap<>();
        if (exchange.getMessage().getBody() instanceof List<?> rows) {
            bean(Topics.class).consumers().all().forEach(each -> open.put(tags(each.name(), each.topic()), () -> 0));
            RowsResponse.of(rows).forEach(row -> {
                Number count = (Number) row.get("count");
                open.put(tags((String) row.get("consumer"), (String) row.get("topic")), count::doubleValue);
            });
        }
        gauges.set(open);
    }

    private static Tags tags(String consumer, String topic) {
        return Tags.of("consumer", consumer, "topic", topic);
    }
}
