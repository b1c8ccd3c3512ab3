package dev.caravan.topics;

import dev.caravan.context.InContext;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The topics. A line {@code <capability>.topic=<name>} of the settings makes one, its retry topics and its DLQ, and so does the
 * route of a capability that has no such line.
 */
public final class Topics extends InContext {

    private static final String KEY = ".topic";
    private static final String RETRY = "-retry-";
    private static final String DLQ = "-dlq";

    /**
     * Where a consumed record stands.
     *
     * @param name the topic that it was read from
     * @param origin the topic that it was first published to
     * @param level 0 for the topic itself, n for its nth retry topic
     */
    public record Source(String name, String origin, int level) {}

    /** The settings do not change while the program runs; a route file may. */
    private volatile Map<String, String> settings;

    private volatile List<String> callersMayName;
    private volatile Map<String, String> byCapability;

    /** Capability → topic, from the settings and from the routes. */
    public Map<String, String> byCapability() {
        Map<String, String> known = byCapability;
        return known == null ? with(Map.of()) : known;
    }

    /** The same, but as if the routes read these topics. */
    public Map<String, String> with(Map<String, String> routes) {
        if (settings == null) {
            settings = readSettings();
        }
        Map<String, String> all = new TreeMap<>(routes);
        all.putAll(settings);
        return Collections.unmodifiableMap(all);
    }

    /** The topics of routes that say it themselves: {@code kafka:{{shipments.topic:shipments}}}. */
    public void ofRoutes(Map<String, String> topics) {
        byCapability = with(topics);
    }

    private Map<String, String> readSettings() {
        Properties properties = getCamelContext().getPropertiesComponent().loadProperties(Topics::namesATopic);
        Map<String, String> topics = new TreeMap<>();
        properties
                .stringPropertyNames()
                .forEach(key -> topics.put(
                        key.substring(0, key.length() - KEY.length()),
                        getCamelContext().resolvePropertyPlaceholders("{{" + key + "}}")));
        return topics;
    }

    private static boolean namesATopic(String key) {
        return key.endsWith(KEY) && key.indexOf('.') == key.length() - KEY.length();
    }

    /** The capability that a topic belongs to; none for a topic that is only written. */
    public Optional<String> findCapability(String topic) {
        return byCapability().entrySet().stream()
                .filter(entry -> entry.getValue().equals(topic))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The capability that a topic must belong to. */
    public String capabilityOf(String topic) {
        return findCapability(topic)
                .orElseThrow(
                        () -> new IllegalArgumentException("No setting <capability>.topic names the topic " + topic));
    }

    public Collection<String> names() {
        return byCapability().values();
    }

    /** Every topic that the program reads or writes, to be created. */
    public List<String> all() {
        return Stream.concat(withLadder(names()).stream(), extra()).distinct().toList();
    }

    /** These topics, their retry topics and their dead-letter topics. */
    public List<String> withLadder(Collection<String> topics) {
        return topics.stream()
                .flatMap(topic -> Stream.concat(
                        Stream.of(topic, dlq(topic)),
                        IntStream.rangeClosed(1, levels()).mapToObj(level -> retry(topic, level))))
                .toList();
    }

    /** The topics that a caller may name. */
    public List<String> callersMayName() {
        if (callersMayName == null) {
            callersMayName = Stream.concat(
                            getCamelContext().getPropertiesComponent().resolveProperty("events" + KEY).stream(),
                            extra())
                    .toList();
        }
        return callersMayName;
    }

    private Stream<String> extra() {
        return list(getCamelContext().resolvePropertyPlaceholders("{{events.topics}}"));
    }

    /** How many retry topics there are. */
    public int levels() {
        return (int) list(getCamelContext().resolvePropertyPlaceholders("{{retry.delays}}"))
                .count();
    }

    private static Stream<String> list(String text) {
        return Stream.of(text.split(",")).map(String::strip).filter(item -> !item.isEmpty());
    }

    public static String retry(String topic, int level) {
        return topic + RETRY + level;
    }

    public static String dlq(String topic) {
        return topic + DLQ;
    }

    /** The topic that a dead-letter topic belongs to. */
    public static String ofDlq(String name) {
        return name.endsWith(DLQ) ? name.substring(0, name.length() - DLQ.length()) : name;
    }

    /** Whether records come there from another topic, with a few headers more. */
    public static boolean isLadder(String topic) {
        return source(topic).level() > 0 || isDlq(topic);
    }

    public static boolean isDlq(String topic) {
        return topic.endsWith(DLQ);
    }

    /** Reads a topic's name backwards. */
    public static Source source(String name) {
        int at = name.lastIndexOf(RETRY);
        if (at > 0) {
            String level = name.substring(at + RETRY.length());
            if (level.matches("[1-9]")) {
                return new Source(name, name.substring(0, at), Integer.parseInt(level));
            }
        }
        return new Source(name, name, 0);
    }
}
