package dev.caravan.platform.topics;

/**
 * One reliable consumer of a topic. Its retry topics, its dead-letter topic, and the MessageIDs that it has processed
 * are its own: no other consumer of the topic shares them.
 *
 * @param name its Kafka group id without the prefix {@code <KAFKA_CONSUMER_GROUP_ID>-}
 * @param topic that it reads
 * @param ladder what the names of its retry topics and of its dead-letter topic begin with: the topic's own name for
 *     the topic's owner, {@code <topic>.<consumer>} for any other consumer
 */
public record TopicConsumer(String name, String topic, String ladder) {

    public static TopicConsumer owner(String name, String topic) {
        return new TopicConsumer(name, topic, topic);
    }

    public static TopicConsumer other(String name, String topic) {
        return new TopicConsumer(name, topic, topic + "." + name);
    }

    public boolean isOwner() {
        return ladder.equals(topic);
    }

    public String retry(int level) {
        return Topics.retry(ladder, level);
    }

    public String dlq() {
        return Topics.dlq(ladder);
    }

    /** Where its records are processed, the first time and again. */
    public String address() {
        return address(name);
    }

    public static String address(String consumer) {
        return "direct:" + consumer + "-process";
    }
}
