package dev.caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ReceiptsTest {

    private final Receipts receipts = new Receipts();

    @Test
    void remembersTheNewestOnesOnly() {
        receipts.setCapacity(3);
        for (int i = 0; i < 5; i++) {
            receipts.add("m" + i, at(i));
        }

        assertThat(receipts.find("m1")).isEmpty();
        assertThat(receipts.find("m2").orElseThrow().offset()).isEqualTo(2);
        assertThat(receipts.find("m4").orElseThrow().offset()).isEqualTo(4);
        assertThat(receipts.find("m5")).isEmpty();
    }

    @Test
    void tellsTheLastPlaceOfAMessageThatWasPublishedTwice() {
        receipts.setCapacity(3);
        receipts.add("again", at(1));
        receipts.add("again", at(2));

        assertThat(receipts.find("again").orElseThrow().offset()).isEqualTo(2);
    }

    @Test
    void remembersNoneWhereItShouldNot() {
        receipts.setCapacity(0);
        receipts.add("m", at(1));

        assertThat(receipts.find("m")).isEmpty();
    }

    private static RecordMetadata at(long offset) {
        return new RecordMetadata(new TopicPartition("orders", 0), offset, 0, 0, 0, 0);
    }
}
