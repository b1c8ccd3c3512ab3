package dev.caravan.capability.webhooks;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Counters and timer of attempts and deliveries. */
final class WebhookMetrics {

    private final Counter succeeded;
    private final Counter failed;
    private final Counter givenUp;
    private final Timer delivered;

    WebhookMetrics(MeterRegistry registry) {
        succeeded = attempts(registry, "success");
        failed = attempts(registry, "failure");
        givenUp = Counter.builder("caravan.webhook.given.up")
                .description("Deliveries that failed all their attempts")
                .register(registry);
        delivered = Timer.builder("caravan.webhook.delivery")
                .description("From the moment at which a delivery was stored until its endpoint accepted it")
                .serviceLevelObjectives(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(10),
                        Duration.ofHours(1),
                        Duration.ofHours(12),
                        Duration.ofDays(2))
                .register(registry);
    }

    private static Counter attempts(MeterRegistry registry, String outcome) {
        return Counter.builder("caravan.webhook.attempts")
                .description("Requests to endpoints")
                .tag("outcome", outcome)
                .register(registry);
    }

    /** @param age time since the delivery was stored */
    void delivered(Duration age) {
        succeeded.increment();
        delivered.record(age);
    }

    /** @param last whether no attempt follows */
    void failed(boolean last) {
        failed.increment();
        if (last) {
            givenUp.increment();
        }
    }
}
