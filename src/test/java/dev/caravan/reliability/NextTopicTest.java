package dev.caravan.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.topics.TopicConsumer;
import dev.caravan.topics.Topics;
import dev.caravan.topics.Topics.Source;
import org.junit.jupiter.api.Test;
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
        Source source = new Source(from, TopicConsumer.owner("orders", "orders"), Topics.level(from));

        assertThat(NextTopic.of(source, levels, curable)).isEqualTo(new NextTopic(to, retry));
    }

    @Test
    void aSecondConsumerHasALadderOfItsOwn() {
        TopicConsumer billing = TopicConsumer.other("billing", "orders");

        assertThat(NextTopic.of(new Source("orders", billing, 0), 3, true))
                .isEqualTo(new NextTopic("orders.billing-retry-1", true));
        assertThat(NextTopic.of(new Source("orders.billing-retry-3", billing, 3), 3, true))
                .isEqualTo(new NextTopic("orders.billing-dlq", false));
    }
}
