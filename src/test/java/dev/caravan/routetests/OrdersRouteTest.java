package dev.caravan.routetests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.LogCapture;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OrdersRouteTest extends RouteTest {

    private static final String ORDER =
            "{\"id\":\"4711\",\"user_id\":\"u\",\"total\":9.5,\"status\":\"new\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    @Test
    void publishesAnOrderUnchangedKeyedByItsId() {
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
    void rejectsAnInvalidOrder() {
        Exchange answer =
                send("direct:orders-accept", ORDER.replace("9.5", "-1").replace("\"u\"", "7"));

        assertThat(status(answer)).isEqualTo(400);
        assertThat(json(answer).path("errors").findValuesAsText("pointer")).containsExactly("/user_id", "/total");
        assertThat(sent()).isEmpty();
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(
                        new TimeoutException("the brokers are away"), 500, "Kafka did not take the message in time"),
                Arguments.of(new TopicAuthorizationException(Set.of("orders")), 500, "Kafka does not allow"),
                Arguments.of(new RecordTooLargeException("2000000 bytes"), 413, "The record is larger"),
                Arguments.of(new BufferExhaustedException("full"), 503, "Too many bytes are in flight"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void publishFailureIsAnsweredAndLoggedOnce(Exception why, int status, String detail) {
        send("direct:orders-accept", ORDER);
        rejectRecords(why);

        try (LogCapture logged = new LogCapture()) {
            Exchange answer = send("direct:orders-accept", ORDER);

            assertThat(status(answer)).isEqualTo(status);
            assertThat(json(answer).path("detail").asText()).startsWith(detail);
            assertThat(logged.text().lines()).singleElement().satisfies(line -> assertThat(line)
                    .contains("Kafka did not take a record for orders: " + why));
        }
    }

    @Test
    void unknownOrderIsNotFound() {
        Exchange answer = send("direct:orders-find", null);

        assertThat(status(answer)).isEqualTo(404);
        assertThat(json(answer).path("detail").asText())
                .isEqualTo("There is no order of that id, or it has not been processed yet.");
    }
}
