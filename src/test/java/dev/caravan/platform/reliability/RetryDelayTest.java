package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.platform.kafka.ConsumerThreads;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RetryDelayTest {

    private final DefaultCamelContext context = new DefaultCamelContext();

    @BeforeEach
    void start() throws Exception {
        RetryDelay retryDelay = new RetryDelay();
        retryDelay.setDelays("200ms,3m,3m");
        retryDelay.setCamelContext(context);
        context.getRegistry().bind("consumerTransaction", new ConsumerTransaction());
        context.getRegistry().bind("consumerThreads", new ConsumerThreads());
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:retry")
                        .routeId("retry")
                        .errorHandler(noErrorHandler())
                        .process(retryDelay);
            }
        });
        context.start();
    }

    @AfterEach
    void stop() throws Exception {
        context.close();
    }

    @Test
    void aRecordWaitsUntilItIsDue() {
        long written = System.currentTimeMillis();

        Exchange done = received(1, written);

        assertThat(done.getException()).isNull();
        assertThat(System.currentTimeMillis() - written).isGreaterThanOrEqualTo(200);
    }

    @Test
    void aDueRecordDoesNotWait() {
        assertThat(received(
                                2,
                                System.currentTimeMillis()
                                        - Duration.ofMinutes(3).toMillis())
                        .getException())
                .isNull();
    }

    @Test
    @Timeout(120)
    void aStopInterruptsTheWait() throws Exception {
        CompletableFuture<Exchange> waiting =
                CompletableFuture.supplyAsync(() -> received(3, System.currentTimeMillis()));
        await().until(() -> context.getInflightRepository().size() == 1);

        context.stop();

        assertThat(waiting.get(1, TimeUnit.MINUTES).getException())
                .isInstanceOf(RetryDelay.RetryDelayInterruptedException.class);
    }

    private Exchange received(int level, long timestamp) {
        Delivery delivery = new Delivery(
                new Topics.Source("orders-retry-" + level, TopicConsumer.owner("orders", "orders"), level),
                0,
                0,
                timestamp,
                0,
                0,
                null,
                timestamp,
                null,
                "id",
                timestamp,
                null);
        return context.createProducerTemplate()
                .request("direct:retry", exchange -> exchange.setProperty(ReceiveRecord.DELIVERY, delivery));
    }
}
