package dev.caravan.chaos;

import dev.caravan.support.Records.Written;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The state of topics and database after a run.
 *
 * @param records all records of all topics, including retry and dead-letter topics, by offset
 * @param effects in the order in which they happened
 * @param processed the MessageIDs stored as processed
 * @param inboxes user → total of the inbox
 * @param orders order id → its state
 * @param lag topic and consumer → records that its group has not committed
 */
record Observation(
        List<Written> records,
        List<Effect> effects,
        Set<Processed> processed,
        Map<String, Long> inboxes,
        Map<String, String> orders,
        Map<String, Long> lag) {

    /**
     * @param consumer the consumer that caused it
     * @param topic the topic of the message
     * @param key the user of an inbox or the id of an order; null for other effects
     * @param content the stored part of the message; null for none
     */
    record Effect(String consumer, String topic, String messageId, String key, String content) {}

    record Processed(String consumer, String topic, String messageId) {}
}
