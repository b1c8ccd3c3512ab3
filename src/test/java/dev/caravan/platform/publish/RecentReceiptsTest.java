package dev.caravan.platform.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RecentReceiptsTest {

    private final RecentReceipts recentReceipts = new RecentReceipts();

    @Test
    void keepsNoMoreThanItsCapacity() {
        recentReceipts.setCapacity(3);
        IntStream.range(0, 100).forEach(i -> recentReceipts.add("m" + i, at(i)));

        await().untilAsserted(() -> assertThat(IntStream.range(0, 100)
                        .filter(i -> recentReceipts.find("m" + i).isPresent()))
                .hasSizeLessThanOrEqualTo(3));
        assertThat(recentReceipts.find("m100")).isEmpty();
    }

    @Test
    void findsTheLatestPositionOfAMessage() {
        recentReceipts.setCapacity(3);
        recentReceipts.add("again", at(1));
        recentReceipts.add("again", at(2));

        assertThat(recentReceipts.find("again").orElseThrow().offset()).isEqualTo(2);
    }

    @Test
    void keepsNothingWithCapacityZero() {
        recentReceipts.setCapacity(0);
        recentReceipts.add("m", at(1));

        await().untilAsserted(() -> assertThat(recentReceipts.find("m")).isEmpty());
    }

    private static RecordMetadata at(long offset) {
        return new RecordMetadata(new TopicPartition("orders", 0), offset, 0, offset + 1, 0, 0);
    }
}
