package dev.caravan.routetests;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

class NotificationsRouteTest extends RouteTest {

    @Test
    void publishesANotificationKeyedByItsRecipient() {
        Exchange answer = send("direct:notifications-accept", "{\"fromID\":1,\"toID\":2,\"message\":\"hello\"}");

        assertThat(sent()).singleElement().satisfies(record -> {
            assertThat(record.to()).isEqualTo("kafka:notifications");
            assertThat(record.key()).isEqualTo("2");
            assertThat(record.body())
                    .isEqualTo(
                            "{\"from\":{\"id\":1,\"name\":\"Micho\"},\"to\":{\"id\":2,\"name\":\"Tito\"},\"message\":\"hello\"}");
        });
        assertThat(status(answer)).isEqualTo(200);
        assertThat(json(answer).toString()).isEqualTo("{\"message\":\"Notification sent successfully!\"}");
    }

    @Test
    void unknownUserIsNotFound() {
        Exchange answer = send("direct:notifications-accept", "{\"fromID\":1,\"toID\":4711,\"message\":\"hello\"}");

        assertThat(status(answer)).isEqualTo(404);
        assertThat(json(answer).path("message").asText()).isEqualTo("User not found");
        assertThat(sent()).isEmpty();
    }
}
