package dev.caravan.routetests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.edge.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** Routes whose Kafka is a mock that acknowledges every record. */
final class Routes {

    private final CamelContext context;
    private final ProducerTemplate template;

    Routes(CamelContext context) {
        this.context = context;
        this.template = context.createProducerTemplate();
        MockEndpoint.resetMocks(context);
        mocks().forEach(mock -> mock.whenAnyExchangeReceived(Routes::acknowledge));
    }

    private static void acknowledge(Exchange exchange) {
        RecordMetadata metadata = new RecordMetadata(new TopicPartition("mock", 0), 7, 0, 0, 1, 1);
        exchange.getMessage().setHeader(KafkaConstants.KAFKA_RECORD_META, List.of(metadata));
    }

    private List<MockEndpoint> mocks() {
        return context.getEndpoints().stream()
                .filter(MockEndpoint.class::isInstance)
                .map(MockEndpoint.class::cast)
                .toList();
    }

    Exchange send(String uri, String body) {
        return send(uri, body, Map.of());
    }

    Exchange send(String uri, String body, Map<String, Object> properties) {
        return template.request(uri, exchange -> {
            properties.forEach(exchange::setProperty);
            exchange.getMessage().setBody(body.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** The one endpoint that has got something, and what it got. */
    Sent sent() {
        List<MockEndpoint> got =
                mocks().stream().filter(mock -> mock.getReceivedCounter() > 0).toList();
        assertThat(got).hasSize(1);
        MockEndpoint mock = got.get(0);
        assertThat(mock.getReceivedCounter()).isEqualTo(1);
        Message message = mock.getExchanges().get(0).getMessage();
        String written = mock.getEndpointUri().replaceFirst("^mock:(//)?", "").replaceFirst("://", ":");
        String topic = message.getHeader(KafkaConstants.OVERRIDE_TOPIC, String.class);
        return new Sent(topic == null ? written : "kafka:" + topic, message);
    }

    void nothingIsSent() {
        assertThat(mocks()).isNotEmpty().allSatisfy(mock -> assertThat(mock.getReceivedCounter())
                .as(mock.getEndpointUri())
                .isZero());
    }

    /** @param to {@code kafka:} and the topic, or another endpoint */
    record Sent(String to, Message message) {
        String key() {
            return message.getHeader(KafkaConstants.KEY, String.class);
        }

        String body() {
            return message.getBody(String.class);
        }
    }

    static int status(Exchange answer) {
        assertThat(answer.getException()).isNull();
        return answer.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
    }

    static JsonNode json(Exchange answer) {
        return Json.parse(answer.getMessage().getBody(byte[].class));
    }
}
