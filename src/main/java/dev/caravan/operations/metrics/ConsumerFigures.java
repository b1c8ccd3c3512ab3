package dev.caravan.operations.metrics;

import dev.caravan.platform.topics.Counters;
import dev.caravan.platform.topics.TopicConsumer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Collection;

/**
 * Figures of a consumer for one of its topics: counts of this instance since its start, and the lag of the whole group.
 * The components are members of the JSON of {@code GET /api/v1/routes}.
 *
 * @param lag records that the group has not committed; null while Kafka does not answer
 */
public record ConsumerFigures(long received, long processed, long failed, long retried, long deadLettered, Long lag) {

    /** @param topic the consumer's topic, or one of its retry topics */
    public static ConsumerFigures of(MeterRegistry registry, TopicConsumer consumer, String topic) {
        Tags tags = Counters.consumer(topic, consumer);
        return new ConsumerFigures(
                count(registry, "caravan.received", tags),
                count(registry, "caravan.processed", tags),
                count(registry, "caravan.failed", tags),
                count(registry, "caravan.retried", tags),
                count(registry, "caravan.sent.to.dlq", tags),
                sum(registry, "caravan.consumer.lag.records", tags));
    }

    /** Records that this instance has published to a topic since its start. */
    public static long published(MeterRegistry registry, String topic) {
        return count(registry, "caravan.published", Tags.of("topic", topic));
    }

    /** Records that this instance tried to publish and Kafka did not acknowledge. */
    public static long notPublished(MeterRegistry registry, String topic) {
        return count(registry, "caravan.publish.failed", Tags.of("topic", topic));
    }

    /** Open dead letters of the consumer; null while the database does not answer. */
    public static Long openDeadLetters(MeterRegistry registry, TopicConsumer consumer) {
        return sum(registry, "caravan.dead.letters.open", Counters.consumer(consumer.topic(), consumer));
    }

    private static long count(MeterRegistry registry, String name, Tags tags) {
        return (long) registry.find(name).tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static Long sum(MeterRegistry registry, String name, Tags tags) {
        Collection<Gauge> gauges = registry.find(name).tags(tags).gauges();
        return gauges.isEmpty()
                ? null
                : (Long) (long) gauges.stream().mapToDouble(Gauge::value).sum();
    }
}
