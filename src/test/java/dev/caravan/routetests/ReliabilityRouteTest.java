package dev.caravan.routetests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.reliability.Delivery;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics.Source;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The next topic of a failed record. */
class ReliabilityRouteTest extends RouteTest {

    @ParameterizedTest(name = "{0} of {1}, retryable {2} -> {3}")
    @CsvSource({
        "orders,                  orders,  true,  orders-retry-1",
        "orders-retry-1,          orders,  true,  orders-retry-2",
        "orders-retry-2,          orders,  true,  orders-retry-3",
        "orders-retry-3,          orders,  true,  orders-dlq",
        "orders,                  orders,  false, orders-dlq",
        "orders-retry-1,          orders,  false, orders-dlq",
        "orders-retry-3,          orders,  false, orders-dlq",
        "orders,                  billing, true,  orders.billing-retry-1",
        "orders.billing-retry-1,  billing, true,  orders.billing-retry-2",
        "orders.billing-retry-3,  billing, true,  orders.billing-dlq",
        "orders,                  billing, false, orders.billing-dlq",
    })
    void failedRecordGoesToTheNextTopic(String from, String consumer, boolean retryable, String to) {
        TopicConsumer reader = consumer.equals("orders")
                ? TopicConsumer.owner(consumer, "orders")
                : TopicConsumer.other(consumer, "orders");
        int level = from.endsWith("-retry-3") ? 3 : from.endsWith("-retry-2") ? 2 : from.endsWith("-retry-1") ? 1 : 0;
        byte[] key = "k1".getBytes(StandardCharsets.UTF_8);
        Delivery delivery = new Delivery(new Source(from, reader, level), 0, 5, 1, 0, 5, null, 1, key, "m-1", 2, null);

        Exchange failed = send(
                "direct:reliability-fail",
                "as it is",
                Map.of(),
                Map.of(
                        "CaravanDelivery",
                        delivery,
                        Exchange.EXCEPTION_CAUGHT,
                        retryable ? new IllegalStateException("it may pass") : ProblemException.malformed("no JSON")));

        assertThat(failed.getException()).isNull();
        assertThat(sent()).singleElement().satisfies(record -> {
            assertThat(record.to()).isEqualTo("kafka:" + to);
            assertThat(record.key()).isEqualTo("k1");
            assertThat(record.body()).isEqualTo("as it is");
        });
    }
}
