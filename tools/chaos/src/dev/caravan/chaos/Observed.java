package dev.caravan.chaos;

import dev.caravan.support.Records.Written;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is found afterwards.
 *
 * @param records of every topic, retry and dead-letter topics included, each from offset 0 and in the order of its offsets
 * @param effects in the order in which they took place
 * @param processed the MessageIDs that are remembered as processed
 * @param inboxes user → how many notifications the inbox says that it holds
 * @param orders order id → its state
 * @param lag topic and consumer → records that its group has not committed
 */
record Observed(
        List<Written> records,
        List<Effect> effects,
        Set<Processed> processed,
        Map<String, Long> inboxes,
        Map<String, String> orders,
        Map<String, Long> lag) {

    /**
     * @param consumer that had it
     * @param topic of the message that had it
     * @param key whose it is: the user of an inbox, the id of an order; null where it is nobody's
     * @param content what it shows of the message; null for nothing
     */
    record Effect(String consumer, String topic, String messageId, String key, String content) {}

    record Processed(String consumer, String topic, String messageId) {}
}
