package dev.caravan.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryDedupeStoreTest {

    private final MemoryDedupeStore store = new MemoryDedupeStore();

    @Test
    void aMessageIsNewOnce() {
        assertThat(store.add("orders", "1")).isTrue();
        assertThat(store.add("orders", "1")).isFalse();
        assertThat(store.add("orders", "1")).isFalse();
    }

    @Test
    void theSameIdOfAnotherTopicIsAnotherMessage() {
        assertThat(store.add("orders", "1")).isTrue();
        assertThat(store.add("comments", "1")).isTrue();
        assertThat(store.add("order", "s1")).isTrue();
    }

    @Test
    void aMessageWhoseEffectFailedMayComeAgain() {
        store.add("orders", "1");
        store.add("orders", "2");

        store.forget("orders", "1");
        store.forget("orders", "never seen");

        assertThat(store.add("orders", "1")).isTrue();
        assertThat(store.add("orders", "2")).isFalse();
    }

    @Test
    void theOldestIsForgottenBeyondAHundredThousand() {
        for (int i = 0; i < 100_000; i++) {
            store.add("orders", "id-" + i);
        }
        assertThat(store.add("orders", "id-0")).isFalse();

        store.add("orders", "one more");

        assertThat(store.add("orders", "id-1")).isFalse();
        assertThat(store.add("orders", "id-99999")).isFalse();
        assertThat(store.add("orders", "id-0")).isTrue();
    }
}
