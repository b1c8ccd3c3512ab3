package dev.caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ReceiptsTest {

    private final Receipts receipts = new Receipts();

    @Test
    void keepsNoMoreThanItsCapacity() {
        receipts.setCapacity(3);
        IntStream.range(0, 100).forEach(i -> receipts.add("m" + i, at(i)));

        await().untilAsserted(() -> assertThat(IntStream.range(0, 100)
                        .filter(i -> receipts.find("m" + i).isPresent()))
                .hasSizeLessThanOrEqualTo(3));
        assertThat(receipts.find("m100")).isEmpty();
    }

    @Test
    void tellsTheLastPlaceOfAMessageThatWasPublishedTwice() {
        receipts.setCapacity(3);
        receipts.add("again", at(1));
        receipts.add("again", at(2));

        assertThat(receipts.find("again").orElseThrow().offset()).isEqualTo(2);
    }

    @Test
    void keepsNoneWithoutACapacity() {
        receipts.setCapacity(0);
        receipts.add("m", at(1));

        await().untilAsserted(() -> assertThat(receipts.find("m")).isEmpty());
    }

    private static RecordMetadata at(long offset) {
        return new RecordMetadata(new TopicPartition("orders", 0), offset, 0, offset + 1, 0, 0);
    }
}
