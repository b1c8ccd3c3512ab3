package dev.caravan.platform.topics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The consumers of all topics.
 *
 * <p>The owner of a topic is the first of these that exists: the capability of a setting
 * {@code <capability>.topic=<topic>}; the capability of a route's placeholder, if it reads the topic; the consumer with
 * the topic's name; the alphabetically first consumer. A topic without readers is owned by the capability that its
 * setting or placeholder names.
 */
public final class Consumers {

    /**
     * The topics of the routes.
     *
     * @param capabilities capability → topic, of routes that consume from {@code kafka:{{<capability>.topic:<topic>}}}
     * @param readings the consumers of the reliable routes, each with its topic
     */
    public record Routes(Map<String, String> capabilities, Set<Reading> readings) {
        public static final Routes NONE = new Routes(Map.of(), Set.of());
    }

    /** A consumer and a topic that it reads. */
    public record Reading(String consumer, String topic) {}

    private final Map<String, List<TopicConsumer>> byTopic = new TreeMap<>();
    private final Map<String, TopicConsumer> byLadder = new TreeMap<>();

    /** @param settings capability → topic */
    Consumers(Map<String, String> settings, Routes routes) {
        Set<String> topics = new TreeSet<>(settings.values());
        topics.addAll(routes.capabilities().values());
        routes.readings().forEach(reading -> topics.add(reading.topic()));
        for (String topic : topics) {
            Set<String> readers = routes.readings().stream()
                    .filter(reading -> reading.topic().equals(topic))
                    .map(Reading::consumer)
                    .collect(Collectors.toCollection(TreeSet::new));
            String owner = owner(topic, readers, settings, routes.capabilities());
            readers.remove(owner);
            List<TopicConsumer> consumers = new ArrayList<>(List.of(TopicConsumer.owner(owner, topic)));
            readers.forEach(other -> consumers.add(TopicConsumer.other(other, topic)));
            byTopic.put(topic, List.copyOf(consumers));
            consumers.forEach(each -> byLadder.put(each.ladder(), each));
        }
    }

    private static String owner(
            String topic, Set<String> readers, Map<String, String> settings, Map<String, String> routes) {
        return named(topic, settings)
                .or(() -> named(topic, routes).filter(name -> readers.isEmpty() || readers.contains(name)))
                .or(() -> Optional.of(topic).filter(readers::contains))
                .orElseGet(() -> readers.iterator().next());
    }

    private static Optional<String> named(String topic, Map<String, String> capabilities) {
        return new TreeMap<>(capabilities)
                .entrySet().stream()
                        .filter(entry -> entry.getValue().equals(topic))
                        .map(Map.Entry::getKey)
                        .findFirst();
    }

    /** All consumers by topic, each topic's owner first. */
    public List<TopicConsumer> all() {
        return byTopic.values().stream().flatMap(List::stream).toList();
    }

    public Set<String> topics() {
        return byTopic.keySet();
    }

    /** The consumers of one topic, its owner first. */
    public List<TopicConsumer> of(String topic) {
        return byTopic.getOrDefault(topic, List.of());
    }

    public Optional<TopicConsumer> owner(String topic) {
        return of(topic).stream().findFirst();
    }

    public Optional<TopicConsumer> find(String topic, String name) {
        return of(topic).stream().filter(each -> each.name().equals(name)).findFirst();
    }

    /** The consumer whose retry and dead-letter topics have this prefix. */
    Optional<TopicConsumer> ofLadder(String ladder) {
        return Optional.ofNullable(byLadder.get(ladder));
    }
}
