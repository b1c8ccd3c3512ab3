package dev.caravan.routetests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.reliability.Delivery;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics.Source;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

/** The deliveries that are stored for a record. */
class WebhooksRouteTest extends RouteTest {

    @Test
    void storesANotificationForRecipientAndTopic() {
        Map<?, ?> stored = stored("notifications", "2", "m-1", "{\"message\":\"hello\"}");

        assertThat(stored.get("user")).isEqualTo(2L);
        assertThat(stored.get("topic")).isEqualTo(",notifications,");
        assertThat(stored.get("time")).isEqualTo(new Timestamp(1_000));
        assertThat(stored.get("payload"))
                .isEqualTo(
                        "{\"type\":\"notifications\",\"timestamp\":\"1970-01-01T00:00:01Z\",\"data\":{\"message\":\"hello\"}}");
    }

    @Test
    void recordOfAnotherTopicHasNoUser() {
        assertThat(stored("events", "2", "m-2", "1").get("user")).isNull();
    }

    @Test
    void encodesAValueThatIsNotJson() {
        assertThat(stored("events", "k", "m-3", "no JSON").get("payload"))
                .isEqualTo(
                        "{\"type\":\"events\",\"timestamp\":\"1970-01-01T00:00:01Z\",\"data_base64\":\"bm8gSlNPTg==\"}");
    }

    @Test
    void idDependsOnTopicAndMessage() {
        Object first = stored("events", "k", "m-4", "1").get("message");
        Object ofAnotherTopic = stored("notifications", "k", "m-4", "1").get("message");
        Object ofAnotherMessage = stored("events", "k", "m-5", "1").get("message");

        assertThat(first).asString().matches("msg_[0-9a-f]{32}").isNotIn(ofAnotherTopic, ofAnotherMessage);
    }

    private Map<?, ?> stored(String topic, String key, String messageId, String value) {
        Source source = new Source(topic, TopicConsumer.other("webhooks", topic), 0);
        Delivery delivery = new Delivery(
                source, 0, 5, 1_000, 0, 5, null, 1, key.getBytes(StandardCharsets.UTF_8), messageId, 2, null);
        int before = sent().size();

        Exchange done = send("direct:webhooks-process", value, Map.of(), Map.of("CaravanDelivery", delivery));

        assertThat(done.getException()).isNull();
        assertThat(sent()).hasSize(before + 1);
        return sent().get(before).message().getBody(Map.class);
    }
}
