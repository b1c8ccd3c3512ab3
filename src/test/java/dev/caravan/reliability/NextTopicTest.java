package dev.caravan.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.topics.Topics;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NextTopicTest {

    @ParameterizedTest(name = "{0} of {1} levels, curable {2} -> {3}")
    @CsvSource({
        "orders,         3, true,  orders-retry-1, true",
        "orders-retry-1, 3, true,  orders-retry-2, true",
        "orders-retry-2, 3, true,  orders-retry-3, true",
        "orders-retry-3, 3, true,  orders-dlq,     false",
        "orders-retry-4, 3, true,  orders-dlq,     false",
        "orders,         3, false, orders-dlq,     false",
        "orders-retry-1, 3, false, orders-dlq,     false",
        "orders-retry-3, 3, false, orders-dlq,     false",
        "orders,         0, true,  orders-dlq,     false",
        "orders,         1, true,  orders-retry-1, true",
        "orders-retry-1, 1, true,  orders-dlq,     false",
    })
    void climbsTheLadderAndEndsInTheDeadLetterTopicOfTheOrigin(
            String from, int levels, boolean curable, String to, boolean retry) {
        assertThat(NextTopic.of(Topics.source(from), levels, curable)).isEqualTo(new NextTopic(to, retry));
    }
}
