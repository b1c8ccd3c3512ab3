package dev.caravan.platform.topics;

import dev.caravan.platform.context.ContextBean;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The topics and their consumers, as the settings {@code <capability>.topic=<name>} and the reliable consumers of the
 * routes name them. Each consumer has its own retry topics and its own dead-letter topic.
 */
public final class Topics extends ContextBean {

    private static final String KEY = ".topic";
    private static final String RETRY = "-retry-";
    private static final String DLQ = "-dlq";

    /**
     * Where a consumed record stands.
     *
     * @param name the topic that it was read from
     * @param consumer that processes it
     * @param level 0 for the topic itself, n for its consumer's nth retry topic
     */
    public record Source(String name, TopicConsumer consumer, int level) {

        /** The topic that it was first published to. */
        public String origin() {
            return consumer.topic();
        }
    }

    /** The settings do not change while the program runs; a route file may. */
    private volatile Map<String, String> settings;

    private volatile String groupPrefix;
    private volatile List<String> callersMayName;
    private volatile Consumers consumers;

    public Consumers consumers() {
        Consumers known = consumers;
        return known == null ? with(Consumers.Routes.NONE) : known;
    }

    /** The consumers, as if the routes were these. */
    public Consumers with(Consumers.Routes routes) {
        if (settings == null) {
            settings = readSettings();
        }
        return new Consumers(settings, routes);
    }

    /** From now on the routes are these. */
    public void ofRoutes(Consumers.Routes routes) {
        consumers = with(routes);
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

    /** The capability that owns a topic; none for a topic that is only written. */
    public Optional<String> findCapability(String topic) {
        return consumers().owner(topic).map(TopicConsumer::name);
    }

    /** The name of the consumer with this Kafka group. */
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
     * Where a record stands, and whose it is.
     *
     * @param name the topic that it was read from
     * @param group the Kafka group that read it
     * @param failed the consumer that failed before, as the record says; null where it does not
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
        // The topic's owner may have changed, or the consumer is gone: then the record stays on the ladder where it
        // stands.
        String topic = source.origin();
        return new Source(
                name,
                consumers()
                        .find(topic, failed)
                        .orElse(new TopicConsumer(
                                failed, topic, source.consumer().ladder())),
                source.level());
    }

    /** Reads a topic's name backwards: a topic, a retry topic or a dead-letter topic; in the latter the level is 0. */
    public Source source(String name) {
        int level = level(name);
        String ladder = level > 0 ? name.substring(0, name.lastIndexOf(RETRY)) : ofDlq(name);
        return new Source(
                name, consumers().ofLadder(ladder).orElseGet(() -> TopicConsumer.owner(ladder, ladder)), level);
    }

    /** The topics that consumers read. */
    public Collection<String> names() {
        return consumers().topics();
    }

    /** Every topic that the program reads or writes with these consumers, to be created. */
    public List<String> all(Consumers consumers) {
        int levels = levels();
        return Stream.concat(
                        consumers.all().stream()
                                .flatMap(consumer -> Stream.concat(
                                        Stream.of(consumer.topic(), consumer.dlq()),
                                        IntStream.rangeClosed(1, levels).mapToObj(consumer::retry))),
                        extra())
                .distinct()
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
        return level(topic) > 0 || isDlq(topic);
    }

    public static boolean isDlq(String topic) {
        return topic.endsWith(DLQ);
    }

    /** Of a retry topic; 0 for any other. */
    public static int level(String name) {
        int at = name.lastIndexOf(RETRY);
        String level = at > 0 ? name.substring(at + RETRY.length()) : "";
        return level.matches("[1-9]") ? Integer.parseInt(level) : 0;
    }
}
