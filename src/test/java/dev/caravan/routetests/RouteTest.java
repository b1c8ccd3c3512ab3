package dev.caravan.routetests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.reliability.ConsumerTransaction;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.BeanInject;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The shipped routes without HTTP, broker and database. {@code direct:<route id>} replaces the REST operation of a route; Kafka and SQL are
 * mocks that accept everything.
 */
@TestInstance(Lifecycle.PER_CLASS)
@CamelMainTest(
        properties = {
            "camel.main.routes-include-pattern=classpath:routes/policies.camel.yaml,classpath:routes/reliability.camel.yaml,"
                    + "classpath:routes/orders.camel.yaml,classpath:routes/comments.camel.yaml,classpath:routes/events.camel.yaml,"
                    + "classpath:routes/notifications.camel.yaml,classpath:routes/inbox.camel.yaml,classpath:routes/webhooks.camel.yaml",
            "webhooks.enabled=true",
            "camel.server.enabled=false",
            "camel.management.enabled=false",
            "role.worker=false",
            "dedupe.store=memory",
            "events.topics=shipments",
            "kafka.brokers=127.0.0.1:1",
            "database.url=jdbc:h2:mem:routes;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE"
        },
        mockEndpointsAndSkip = "(kafka|sql):.*",
        replaceRouteFromWith = {
            "openapi=direct:openapi",
            "orders-accept=direct:orders-accept",
            "orders-find=direct:orders-find",
            "comments-accept=direct:comments-accept",
            "comments-list=direct:comments-list",
            "events-accept=direct:events-accept",
            "notifications-accept=direct:notifications-accept",
            "inbox-list=direct:inbox-list",
            "inbox-count=direct:inbox-count",
            "inbox-read=direct:inbox-read",
            "inbox-read-all=direct:inbox-read-all"
        })
abstract class RouteTest {

    /** @param to {@code kafka:} and the topic, or another endpoint */
    record Sent(String to, Message message) {
        String key() {
            return message.getHeader(KafkaConstants.KEY, String.class);
        }

        String body() {
            return message.getBody(String.class);
        }

        String header(String name) {
            return message.getHeader(name, String.class);
        }
    }

    @BeanInject
    private CamelContext context;

    @BeforeEach
    void acknowledgeRecords() {
        MockEndpoint.resetMocks(context);
        // The endpoint of a toD is created with the first message.
        context.getCamelContextExtension().registerEndpointCallback((uri, endpoint) -> {
            if (endpoint instanceof MockEndpoint mock) {
                mock.whenAnyExchangeReceived(RouteTest::acknowledge);
            }
            return endpoint;
        });
        mocks().forEach(mock -> mock.whenAnyExchangeReceived(RouteTest::acknowledge));
    }

    /** The policy {@code once} opens a transaction on this thread, which no consumer commits. */
    @AfterEach
    void endTransaction() {
        context.getRegistry().findSingleByType(ConsumerTransaction.class).commitOrRewind();
    }

    final void rejectRecords(Exception why) {
        mocks().forEach(mock -> mock.whenAnyExchangeReceived(exchange -> exchange.setException(why)));
    }

    private static void acknowledge(Exchange exchange) {
        RecordMetadata metadata = new RecordMetadata(new TopicPartition("mock", 0), 7, 0, 0, 1, 1);
        exchange.getMessage().setHeader(KafkaConstants.KAFKA_RECORD_META, List.of(metadata));
    }

    final Exchange send(String uri, String body) {
        return send(uri, body, Map.of(), Map.of());
    }

    final Exchange send(String uri, String body, Map<String, Object> headers, Map<String, Object> properties) {
        return context.createProducerTemplate().request(uri, exchange -> {
            properties.forEach(exchange::setProperty);
            exchange.getMessage().setHeaders(new HashMap<>(headers));
            exchange.getMessage().setBody(body == null ? null : body.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** The messages that the mocks received, by mock. */
    final List<Sent> sent() {
        return mocks().stream()
                .flatMap(mock -> mock.getExchanges().stream().map(exchange -> sent(mock, exchange.getMessage())))
                .toList();
    }

    private static Sent sent(MockEndpoint mock, Message message) {
        String topic = message.getHeader(KafkaConstants.OVERRIDE_TOPIC, String.class);
        String uri = mock.getEndpointUri().replaceFirst("^mock:(//)?", "").replaceFirst("://", ":");
        return new Sent(topic == null ? uri : "kafka:" + topic, message);
    }

    private List<MockEndpoint> mocks() {
        return context.getEndpoints().stream()
                .filter(MockEndpoint.class::isInstance)
                .map(MockEndpoint.class::cast)
                .toList();
    }

    static int status(Exchange answer) {
        assertThat(answer.getException()).isNull();
        return answer.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
    }

    static JsonNode json(Exchange answer) {
        return Json.parse(answer.getMessage().getBody(byte[].class));
    }
}
