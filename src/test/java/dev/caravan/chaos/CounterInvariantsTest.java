package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.Scrape;
import java.util.List;
import org.junit.jupiter.api.Test;

class CounterInvariantsTest {

    private static final String HOLDS =
            """
            # TYPE caravan_received_total counter
            caravan_received_total{consumer="orders",topic="orders"} 5.0
            caravan_received_total{consumer="comments",topic="comments"} 1.0
            caravan_processed_total{consumer="orders",topic="orders"} 2.0
            caravan_processed_total{consumer="comments",topic="comments"} 1.0
            caravan_failed_total{consumer="orders",topic="orders"} 3.0
            caravan_retried_total{consumer="orders",topic="orders"} 2.0
            caravan_sent_to_dlq_total{consumer="orders",topic="orders"} 1.0
            """;

    @Test
    void holdIfEveryRecordHasOneOutcome() {
        assertThat(broken(HOLDS)).isEmpty();
    }

    @Test
    void breakIfARecordHasNoOutcomeOrTwo() {
        assertThat(broken(HOLDS.replace(
                        "received_total{consumer=\"orders\",topic=\"orders\"} 5",
                        "received_total{consumer=\"orders\",topic=\"orders\"} 6")))
                .containsExactly("received 6.0, processed + failed 5.0 of orders by orders");
        assertThat(broken(HOLDS.replace(
                        "retried_total{consumer=\"orders\",topic=\"orders\"} 2",
                        "retried_total{consumer=\"orders\",topic=\"orders\"} 3")))
                .containsExactly("failed 3.0, retried + sent_to_dlq 4.0 of orders by orders");
    }

    @Test
    void areCheckedPerConsumer() {
        String billing =
                """
                caravan_received_total{consumer="billing",topic="orders"} 1.0
                caravan_processed_total{consumer="billing",topic="orders"} 2.0
                """;

        assertThat(broken(HOLDS + billing))
                .containsExactly("received 1.0, processed + failed 2.0 of orders by billing");
    }

    private static List<String> broken(String scrape) {
        return CounterInvariants.broken(Scrape.parse(scrape));
    }
}
