package dev.caravan.platform.topics;

import dev.caravan.platform.context.ContextBean;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The topics and their consumers, from the settings {@code <capability>.topic=<name>} and the reliable routes. Each
 * consumer has its own retry topics and its own dead-letter topic.
 */
public final class Topics extends ContextBean {

    private static final String KEY = ".topic";
    private static final String RETRY = "-retry-";
    private static final String DLQ = "-dlq";

    /**
     * The source of a consumed record.
     *
     * @param name the topic from which it was read
     * @param consumer the consumer that processes it
     * @param level 0 for the topic itself, n for its consumer's retry tier n
     */
    public record Source(String name, TopicConsumer consumer, int level) {

        /** The topic to which it was first published. */
        public String origin() {
            return consumer.topic();
        }
    }

    /** Capability → topic. Settings do not change while the program runs; routes may. */
    private volatile Map<String, String> settings;

    private volatile String groupPrefix;
    private volatile List<String> allowedTopics;
    private volatile Consumers consumers;

    public Consumers consumers() {
        Consumers known = consumers;
        return known == null ? consumersOf(Consumers.Routes.NONE) : known;
    }

    /** The consumers with these routes. */
    public Consumers consumersOf(Consumers.Routes routes) {
        if (settings == null) {
            settings = readSettings();
        }
        return new Consumers(settings, routes);
    }

    /** Called with the current routes whenever they change. */
    public void setRoutes(Consumers.Routes routes) {
        consumers = consumersOf(routes);
    }

    private Map<String, String> readSettings() {
        Properties properties = getCamelContext().getPropertiesComponent().loadProperties(Topics::isTopicSetting);
        Map<String, String> topics = new TreeMap<>();
        properties
                .stringPropertyNames()
                .forEach(key -> topics.put(
                        key.substring(0, key.length() - KEY.length()),
                        getCamelContext().resolvePropertyPlaceholders("{{" + key + "}}")));
        return topics;
    }

    private static boolean isTopicSetting(String key) {
        return key.endsWith(KEY) && key.indexOf('.') == key.length() - KEY.length();
    }

    /** The capability that owns a topic; empty for a topic without consumers. */
    public Optional<String> findCapability(String topic) {
        return consumers().owner(topic).map(TopicConsumer::name);
    }

    /** The name of the consumer with this Kafka group: the group id without the common prefix. */
    public String consumerOf(String group) {
        if (groupPrefix == null) {
            groupPrefix = getCamelContext()
                    .getPropertiesComponent()
                    .resolveProperty("kafka.consumer.group.id")
                    .map(prefix -> prefix + "-")
                    .orElse("");
        }
        return group.startsWith(groupPrefix) && group.length() > groupPrefix.length()
                ? group.substring(groupPrefix.length())
                : group;
    }

    /**
     * The source of a record and the consumer that processes it.
     *
     * @param name the topic from which it was read
     * @param group the Kafka group that read it
     * @param failed the consumer that failed, from the record's headers, or null
     */
    public Source source(String name, String group, String failed) {
        String reader = consumerOf(group);
        Optional<TopicConsumer> own = consumers().find(name, reader);
        if (own.isPresent()) {
            return new Source(name, own.get(), 0);
        }
        Source source = source(name);
        if (source.level() == 0) {
            return new Source(name, TopicConsumer.other(reader, name), 0);
        }
        if (failed == null || failed.equals(source.consumer().name())) {
            return source;
        }
        // The topic may have another owner now, or the consumer no longer exists. The record keeps its retry topics.
        String topic = source.origin();
        return new Source(
                name,
                consumers()
                        .find(topic, failed)
                        .orElse(new TopicConsumer(
                                failed, topic, source.consumer().ladder())),
                source.level());
    }

    /** Parses the name of a topic, a retry topic or a dead-letter topic; for the latter the level is 0. */
    public Source source(String name) {
        int level = level(name);
        String ladder = level > 0 ? name.substring(0, name.lastIndexOf(RETRY)) : ofDlq(name);
        return new Source(
                name, consumers().ofLadder(ladder).orElseGet(() -> TopicConsumer.owner(ladder, ladder)), level);
    }

    /** The topics that have consumers, without retry and dead-letter topics. */
    public Collection<String> names() {
        return consumers().topics();
    }

    /** All topics that the program reads or writes with these consumers. */
    public List<String> required(Consumers consumers) {
        int levels = levels();
        return Stream.concat(
                        consumers.all().stream()
                                .flatMap(consumer -> Stream.concat(
                                        Stream.of(consumer.topic(), consumer.dlq()),
                                        IntStream.rangeClosed(1, levels).mapToObj(consumer::retry))),
                        additional())
                .distinct()
                .toList();
    }

    /** The topics to which clients may publish by name. */
    public List<String> allowedTopics() {
        if (allowedTopics == null) {
            allowedTopics = Stream.concat(
                            getCamelContext().getPropertiesComponent().resolveProperty("events" + KEY).stream(),
                            additional())
                    .toList();
        }
        return allowedTopics;
    }

    /** The topics with published messages: those with consumers, and those to which clients may publish. */
    public Set<String> published() {
        return Stream.concat(names().stream(), allowedTopics().stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    private Stream<String> additional() {
        return list(getCamelContext().resolvePropertyPlaceholders("{{events.topics}}"));
    }

    /** Number of retry tiers. */
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

    /** The name prefix of a dead-letter topic. */
    private static String ofDlq(String name) {
        return name.endsWith(DLQ) ? name.substring(0, name.length() - DLQ.length()) : name;
    }

    /** Whether it is a retry or dead-letter topic. Their records come from another topic and have additional headers. */
    public static boolean isLadder(String topic) {
        return level(topic) > 0 || isDlq(topic);
    }

    public static boolean isDlq(String topic) {
        return topic.endsWith(DLQ);
    }

    /** The tier of a retry topic; 0 for any other topic. */
    public static int level(String name) {
        int at = name.lastIndexOf(RETRY);
        String level = at > 0 ? name.substring(at + RETRY.length()) : "";
        return level.matches("[1-9]") ? Integer.parseInt(level) : 0;
    }
}
