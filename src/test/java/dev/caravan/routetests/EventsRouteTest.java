package dev.caravan.routetests;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

class EventsRouteTest extends RouteTest {

    @Test
    void publishesAnEventToItsTopic() {
        Exchange answer = send("direct:events-accept", "{\"topic\":\"shipments\",\"key\":\"k1\",\"value\":{\"a\":1}}");

        assertThat(sent()).singleElement().satisfies(record -> {
            assertThat(record.to()).isEqualTo("kafka:shipments");
            assertThat(record.key()).isEqualTo("k1");
            assertThat(record.body()).isEqualTo("{\"a\":1}");
        });
        assertThat(status(answer)).isEqualTo(202);
    }

    @Test
    void answersAReceiptOrProblemPerEvent() {
        Exchange answer = send(
                "direct:events-accept",
                "[{\"value\":1},{\"topic\":\"orders\",\"value\":2},{\"topic\":\"shipments\",\"value\":3}]");

        assertThat(status(answer)).isEqualTo(207);
        assertThat(json(answer).findValuesAsText("status")).containsExactly("202", "404", "202");
        assertThat(sent()).extracting(Sent::to).containsExactlyInAnyOrder("kafka:events", "kafka:shipments");
    }

    @Test
    void topicOutsideTheAllowListIsNotFound() {
        Exchange answer = send("direct:events-accept", "{\"topic\":\"orders\",\"value\":1}");

        assertThat(status(answer)).isEqualTo(404);
        assertThat(sent()).isEmpty();
    }
}
