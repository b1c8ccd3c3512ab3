package dev.caravan.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.platform.http.AsyncHttpEngine;
import dev.caravan.platform.kafka.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Camel alone: does the work of {@link Reference} for {@code POST /order} and for consuming without an effect, as routes of three steps
 * and one step. It separates the cost of routes from what Caravan adds. It has no error handling, validation, MessageIDs, logging,
 * metrics or JMX.
 */
public final class CamelProgram {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ID = "id";

    private CamelProgram() {}

    /** Arguments: brokers, port, then {@code http}, or {@code consume} and the topic, which is also the group. */
    public static void main(String[] args) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        context.disableJMX();
        context.setStreamCaching(false);
        KafkaComponent kafka = new KafkaComponent();
        kafka.getConfiguration().setBrokers(args[0]);
        context.addComponent("kafka", kafka);
        if (args[2].equals("http")) {
            produce(kafka.getConfiguration());
            listen(context, Integer.parseInt(args[1]));
            context.addRoutes(ingest());
        } else {
            consume(kafka.getConfiguration());
            context.addRoutes(noEffect(args[3]));
        }
        context.start();
        System.out.println("Camel is ready");
        new CountDownLatch(1).await();
    }

    /** The settings of Caravan's application.properties. */
    private static void produce(KafkaConfiguration kafka) {
        kafka.setKeySerializer(ByteArraySerializer.class.getName());
        kafka.setValueSerializer(ByteArraySerializer.class.getName());
        kafka.setUseIterator(false);
        kafka.setWorkerPool(KafkaClients.continuation());
        kafka.setMaxInFlightRequest(1);
    }

    /** Caravan's engine, because Camel's own blocks a thread for each request. */
    private static void listen(CamelContext context, int port) throws Exception {
        VertxPlatformHttpServerConfiguration server = new VertxPlatformHttpServerConfiguration();
        server.setBindHost("127.0.0.1");
        server.setBindPort(port);
        context.addService(new VertxPlatformHttpServer(server));
        PlatformHttpComponent http = new PlatformHttpComponent();
        http.setEngine(new AsyncHttpEngine());
        context.addComponent("platform-http", http);
    }

    private static RouteBuilder ingest() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/order?httpMethodRestrict=POST")
                        .errorHandler(noErrorHandler())
                        .routeConfigurationId("event-loop")
                        .process(exchange -> {
                            Message order = exchange.getMessage();
                            String id = JSON.readTree(order.getBody(byte[].class))
                                    .get("id")
                                    .textValue();
                            exchange.setProperty(ID, id);
                            order.setHeader(KafkaConstants.KEY, id.getBytes(StandardCharsets.UTF_8));
                        })
                        .to("kafka:orders")
                        .process(exchange -> {
                            Message answer = exchange.getMessage();
                            answer.removeHeaders("*");
                            answer.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
                            answer.setHeader(Exchange.CONTENT_TYPE, "application/json");
                            answer.setBody(("{\"message\":\"Order received successfully\",\"id\":\""
                                            + exchange.getProperty(ID) + "\"}")
                                    .getBytes(StandardCharsets.UTF_8));
                        });
            }
        };
    }

    private static void consume(KafkaConfiguration kafka) {
        kafka.setKeyDeserializer(ByteArrayDeserializer.class.getName());
        kafka.setValueDeserializer(ByteArrayDeserializer.class.getName());
        kafka.setAutoCommitEnable(false);
        kafka.setAllowManualCommit(true);
        kafka.setAutoOffsetReset("earliest");
    }

    private static RouteBuilder noEffect(String topic) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("kafka:" + topic + "?fetchWaitMaxMs=100&groupId=" + topic)
                        .errorHandler(noErrorHandler())
                        .process(exchange -> {
                            Message event = exchange.getMessage();
                            JSON.readTree(event.getBody(byte[].class));
                            if (event.getHeader(KafkaConstants.LAST_RECORD_BEFORE_COMMIT, boolean.class)) {
                                event.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class)
                                        .commit();
                            }
                        });
            }
        };
    }
}
