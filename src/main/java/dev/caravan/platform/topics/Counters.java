package dev.caravan.platform.topics;

import dev.caravan.platform.context.ContextBean;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts published records per topic, and consumed records per topic and consumer. A record counts as received only
 * together with its outcome, so {@code received = processed + failed} and {@code failed = retried + sent_to_dlq} hold
 * for each consumer at every scrape at rest. A redelivered record is counted when its outcome is known.
 */
public final class Counters extends ContextBean {

    private record Name(String counter, Tags tags) {}

    private final Map<Name, Counter> counters = new ConcurrentHashMap<>();

    /**
     * Starts the counters at 0, because Prometheus ignores the first value of a new counter.
     *
     * @param levels number of retry topics of each consumer
     */
    public void begin(Collection<String> topics, Collection<TopicConsumer> consumers, int levels) {
        topics.forEach(topic -> begin(Tags.of("topic", topic), "published", "publish.failed"));
        for (TopicConsumer consumer : consumers) {
            for (int level = 0; level <= levels; level++) {
                String topic = level == 0 ? consumer.topic() : consumer.retry(level);
                begin(consumer(topic, consumer), "received", "processed", "failed", "retried", "sent.to.dlq");
            }
        }
    }

    private void begin(Tags tags, String... names) {
        for (String name : names) {
            counter(name, tags);
        }
    }

    /** The labels of a consumer's metric. */
    public static Tags consumer(String topic, TopicConsumer consumer) {
        return Tags.of("topic", topic, "consumer", consumer.name());
    }

    public void published(String topic) {
        count("published", Tags.of("topic", topic));
    }

    public void publishFailed(String topic) {
        count("publish.failed", Tags.of("topic", topic));
    }

    public void processed(Topics.Source source) {
        count("received", tags(source));
        count("processed", tags(source));
    }

    public void retried(Topics.Source source) {
        failed(source);
        count("retried", tags(source));
    }

    public void sentToDlq(Topics.Source source) {
        failed(source);
        count("sent.to.dlq", tags(source));
    }

    private void failed(Topics.Source source) {
        count("received", tags(source));
        count("failed", tags(source));
    }

    private static Tags tags(Topics.Source source) {
        return consumer(source.name(), source.consumer());
    }

    private void count(String name, Tags tags) {
        counter(name, tags).increment();
    }

    private Counter counter(String name, Tags tags) {
        return counters.computeIfAbsent(
                new Name(name, tags), any -> bean(MeterRegistry.class).counter("caravan." + name, tags));
    }
}
