package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import org.junit.jupiter.api.Test;

class MemoryDedupeStoreTest {

    private final MemoryDedupeStore store = new MemoryDedupeStore();

    @Test
    void aMessageIsNewOnce() {
        assertThat(store.add(message("orders", "1"))).isTrue();
        assertThat(store.add(message("orders", "1"))).isFalse();
        assertThat(store.add(message("orders", "1"))).isFalse();
    }

    @Test
    void theSameIdInAnotherTopicIsNew() {
        assertThat(store.add(message("orders", "1"))).isTrue();
        assertThat(store.add(message("comments", "1"))).isTrue();
        assertThat(store.add(message("order", "s1"))).isTrue();
    }

    @Test
    void aForgottenMessageIsNewAgain() {
        store.add(message("orders", "1"));
        store.add(message("orders", "2"));

        store.forget(message("orders", "1"));
        store.forget(message("orders", "never seen"));

        assertThat(store.add(message("orders", "1"))).isTrue();
        assertThat(store.add(message("orders", "2"))).isFalse();
    }

    @Test
    void evictsTheOldestBeyondAHundredThousand() {
        for (int i = 0; i < 100_000; i++) {
            store.add(message("orders", "id-" + i));
        }
        assertThat(store.add(message("orders", "id-0"))).isFalse();

        store.add(message("orders", "one more"));

        assertThat(store.add(message("orders", "id-1"))).isFalse();
        assertThat(store.add(message("orders", "id-99999"))).isFalse();
        assertThat(store.add(message("orders", "id-0"))).isTrue();
    }

    @Test
    void aMessageIsNewToEachConsumer() {
        assertThat(store.add(message(TopicConsumer.owner("orders", "orders"), "1")))
                .isTrue();
        assertThat(store.add(message(TopicConsumer.other("billing", "orders"), "1")))
                .isTrue();
        assertThat(store.add(message(TopicConsumer.other("billing", "orders"), "1")))
                .isFalse();
    }

    private static Delivery message(TopicConsumer consumer, String messageId) {
        return new Delivery(
                new Topics.Source(consumer.topic(), consumer, 0), 0, 0, 0, 0, 0, null, 0, null, messageId, 0, null);
    }

    private static Delivery message(String topic, String messageId) {
        return message(TopicConsumer.owner(topic, topic), messageId);
    }
}
