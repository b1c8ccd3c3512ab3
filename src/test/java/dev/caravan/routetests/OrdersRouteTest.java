package dev.caravan.routetests;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

class OrdersRouteTest extends RouteTest {

    private static final String ORDER =
            "{\"id\":\"4711\",\"user_id\":\"u\",\"total\":9.5,\"status\":\"new\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    @Test
    void anOrderIsPublishedAsItCameKeyedByItsId() {
        Exchange answer = send("direct:orders-accept", ORDER);

        assertThat(sent()).singleElement().satisfies(record -> {
            assertThat(record.to()).isEqualTo("kafka:orders");
            assertThat(record.body()).isEqualTo(ORDER);
            assertThat(record.key()).isEqualTo("4711");
            assertThat(record.header("MessageID")).isNotBlank();
        });
        assertThat(status(answer)).isEqualTo(202);
        assertThat(json(answer).toString()).isEqualTo("{\"message\":\"Order received successfully\",\"id\":\"4711\"}");
    }

    @Test
    void whatIsNoOrderIsRefusedAndNotPublished() {
        Exchange answer =
                send("direct:orders-accept", ORDER.replace("9.5", "-1").replace("\"u\"", "7"));

        assertThat(status(answer)).isEqualTo(400);
        assertThat(json(answer).path("errors").findValuesAsText("pointer")).containsExactly("/user_id", "/total");
        assertThat(sent()).isEmpty();
    }

    @Test
    void anOrderThatIsNotStoredIsNotFound() {
        Exchange answer = send("direct:orders-find", null);

        assertThat(status(answer)).isEqualTo(404);
        assertThat(json(answer).path("detail").asText())
                .isEqualTo("There is no order of that id, or it has not been processed yet.");
    }
}
