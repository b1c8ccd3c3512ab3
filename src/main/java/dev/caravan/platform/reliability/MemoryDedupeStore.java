package dev.caravan.platform.reliability;

import dev.caravan.platform.topics.TopicConsumer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stores the last 100,000 messages of this process. After a restart or a rebalance an effect may happen twice, so it is
 * for effects that tolerate this or whose writes are idempotent.
 */
final class MemoryDedupeStore implements DedupeStore {

    private static final int CAPACITY = 100_000;

    private record Id(TopicConsumer consumer, String messageId) {}

    private final Map<Id, Boolean> seen = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Id, Boolean> eldest) {
            return size() > CAPACITY;
        }
    });

    @Override
    public boolean add(Delivery delivery) {
        return seen.putIfAbsent(id(delivery), Boolean.TRUE) == null;
    }

    @Override
    public void forget(Delivery delivery) {
        seen.remove(id(delivery));
    }

    private static Id id(Delivery delivery) {
        return new Id(delivery.source().consumer(), delivery.messageId());
    }
}
