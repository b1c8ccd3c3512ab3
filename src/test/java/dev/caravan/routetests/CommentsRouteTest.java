package dev.caravan.routetests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

class CommentsRouteTest extends RouteTest {

    @Test
    void publishesACommentWithoutAKey() {
        Exchange answer = send("direct:comments-accept", "{\"text\":\"hello\"}");

        assertThat(sent()).singleElement().satisfies(record -> {
            assertThat(record.to()).isEqualTo("kafka:comments");
            assertThat(record.key()).isNull();
        });
        assertThat(status(answer)).isEqualTo(200);
        assertThat(json(answer).toString())
                .isEqualTo(
                        "{\"success\":true,\"message\":\"Comment pushed successfully\",\"comment\":{\"text\":\"hello\"}}");
    }

    @Test
    void onlyAllowedHeadersReachTheRecord() {
        send(
                "direct:comments-accept",
                "{\"text\":\"hello\"}",
                Map.of("kafka.OVERRIDE_TOPIC", "orders", "kafka.KEY", "k", "Cookie", "c", "Message-ID", "m-1"),
                Map.of());

        assertThat(sent()).singleElement().satisfies(record -> {
            assertThat(record.to()).isEqualTo("kafka:comments");
            assertThat(record.key()).isNull();
            assertThat(record.header("Cookie")).isNull();
            assertThat(record.header("MessageID")).isEqualTo("m-1");
        });
    }

    @Test
    void rejectsAnEmptyComment() {
        Exchange answer = send("direct:comments-accept", "{\"text\":\"\"}");

        assertThat(status(answer)).isEqualTo(400);
        assertThat(json(answer).path("success").asBoolean(true)).isFalse();
        assertThat(sent()).isEmpty();
    }
}
