package dev.caravan.metrics;

import dev.caravan.context.InContext;
import dev.caravan.topics.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The seven counters, each per topic. A record is counted as received together with its outcome, so that
 * {@code received = processed + failed} and {@code failed = retried + sent_to_dlq} hold at every scrape; a record that is
 * handed out again because its outcome was never known is not counted before it has one.
 */
public final class Counters extends InContext {

    private record Name(String counter, String topic) {}

    private final Map<Name, Counter> counters = new ConcurrentHashMap<>();

    /**
     * From now on these topics are counted, from 0: the first count of a counter that appears with it is no increase to
     * Prometheus.
     */
    public void begin(Collection<String> topics) {
        for (String topic : topics) {
            names(topic).forEach(name -> counter(name, topic));
        }
    }

    private static List<String> names(String topic) {
        List<String> written = List.of("published", "publish.failed");
        List<String> read = List.of("received", "processed", "failed", "retried", "sent.to.dlq");
        return Topics.isDlq(topic)
                ? written
                : Stream.concat(written.stream(), read.stream()).toList();
    }

    public void published(String topic) {
        count("published", topic);
    }

    public void publishFailed(String topic) {
        count("publish.failed", topic);
    }

    public void processed(String topic) {
        count("received", topic);
        count("processed", topic);
    }

    public void retried(String topic) {
        failed(topic);
        count("retried", topic);
    }

    public void sentToDlq(String topic) {
        failed(topic);
        count("sent.to.dlq", topic);
    }

    private void failed(String topic) {
        count("received", topic);
        count("failed", topic);
    }

    private void count(String name, String topic) {
        counter(name, topic).increment();
    }

    private Counter counter(String name, String topic) {
        return counters.computeIfAbsent(
                new Name(name, topic), any -> bean(MeterRegistry.class).counter("caravan." + name, "topic", topic));
    }
}
