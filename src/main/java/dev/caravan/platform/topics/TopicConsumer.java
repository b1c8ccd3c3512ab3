package dev.caravan.platform.topics;

/**
 * One reliable consumer of a topic. Its retry topics, its dead-letter topic and its processed MessageIDs are its own.
 *
 * @param name its Kafka group id without the prefix {@code <KAFKA_CONSUMER_GROUP_ID>-}
 * @param topic the topic that it reads
 * @param ladder name prefix of its retry and dead-letter topics: {@code <topic>} for the topic's owner,
 *     {@code <topic>.<consumer>} for any other consumer
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

    /** The endpoint that processes its records, for the first attempt and for retries. */
    public String address() {
        return address(name);
    }

    public static String address(String consumer) {
        return "direct:" + consumer + "-process";
    }
}
