package dev.caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
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

    @Test
    void tellsMessageIdsApartByEachCharacter() {
        receipts.setCapacity(4);
        receipts.add("01932f6b-7c1a-7def-8a3b-0123456789ab", at(1));
        receipts.add("01932F6B-7C1A-7DEF-8A3B-0123456789AB", at(2));
        receipts.add("01932f6b-7c1a-7def-8a3b-0123456789ac", at(3));
        receipts.add("01932f6b-7c1a-7def-8a3b-thirty-six-c", at(4));

        assertThat(receipts.find("01932f6b-7c1a-7def-8a3b-0123456789ab").orElseThrow())
                .satisfies(is(1));
        assertThat(receipts.find("01932F6B-7C1A-7DEF-8A3B-0123456789AB").orElseThrow())
                .satisfies(is(2));
        assertThat(receipts.find("01932f6b-7c1a-7def-8a3b-0123456789ac").orElseThrow())
                .satisfies(is(3));
        assertThat(receipts.find("01932f6b-7c1a-7def-8a3b-thirty-six-c").orElseThrow())
                .satisfies(is(4));
        assertThat(receipts.find("01932f6b-7c1a-7def-8a3b-0123456789aB")).isEmpty();
    }

    /** Whatever is found was published under that name, while others are overwriting what is searched. */
    @Test
    void findsNothingElseWhileOthersAreAdded() throws Exception {
        receipts.setCapacity(8);
        AtomicLong newest = new AtomicLong();
        Thread publisher = new Thread(() -> {
            for (int i = 1; i < 200_000; i++) {
                receipts.add(new UUID(7, i).toString(), at(i));
                newest.set(i);
            }
        });
        publisher.start();
        while (publisher.isAlive()) {
            long each = newest.get();
            receipts.find(new UUID(7, each).toString())
                    .ifPresent(found -> assertThat(found).satisfies(is(each)));
        }
        publisher.join();

        assertThat(receipts.find(new UUID(7, 199_999).toString()).orElseThrow()).satisfies(is(199_999));
    }

    private static Consumer<RecordMetadata> is(long number) {
        return found -> {
            assertThat(found.topic()).isEqualTo("orders-" + number);
            assertThat(found.partition()).isEqualTo((int) number);
            assertThat(found.offset()).isEqualTo(number);
            assertThat(found.timestamp()).isEqualTo(number + 1);
        };
    }

    private static RecordMetadata at(long number) {
        return new RecordMetadata(new TopicPartition("orders-" + number, (int) number), number, 0, number + 1, 0, 0);
    }
}
