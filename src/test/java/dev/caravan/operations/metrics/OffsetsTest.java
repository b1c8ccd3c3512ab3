package dev.caravan.operations.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OffsetsTest {

    private static final TopicPartition ZERO = new TopicPartition("orders", 0);
    private static final TopicPartition ONE = new TopicPartition("orders", 1);

    @Test
    void lagIsTheNumberOfUncommittedRecords() {
        Offsets offsets = offsets(Map.of(ZERO, 7L, ONE, 20L));

        assertThat(offsets.lag("group", ZERO)).isEqualTo(3);
        assertThat(offsets.lag("group", ONE)).isZero();
    }

    @Test
    void withoutACommitTheLagCountsAllRecords() {
        assertThat(offsets(Map.of()).lag("group", ONE)).isEqualTo(15);
    }

    @Test
    void deletedRecordsDoNotCountAsLag() {
        Offsets offsets = offsets(Map.of(ONE, 2L));

        assertThat(offsets.next("group", ONE)).isEqualTo(5);
        assertThat(offsets.lag("group", ONE)).isEqualTo(15);
    }

    @Test
    void anOffsetBeyondTheEndIsNoLag() {
        assertThat(offsets(Map.of(ZERO, 11L)).lag("group", ZERO)).isZero();
    }

    @Test
    void recordsAreCountedFromFirstToEndOffset() {
        assertThat(offsets(Map.of()).records("orders")).isEqualTo(25);
    }

    private static Offsets offsets(Map<TopicPartition, Long> committed) {
        return new Offsets(Map.of("group", committed), Map.of(ZERO, 0L, ONE, 5L), Map.of(ZERO, 10L, ONE, 20L));
    }
}
