package dev.caravan.platform.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.caravan.operations.metrics.Counters;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.support.Logged;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.DefaultExchange;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of an exchange on a thread that may wait; the step answers when the test says so, or at once. */
class PublishingPolicyTest {

    private static final RecordMetadata METADATA =
            new RecordMetadata(new TopicPartition("orders-dlq", 0), 7, 0, 0, 1, 1);

    private interface Waits {
        void call() throws Exception;
    }

    /** Stands for the step to {@code kafka:}. */
    private static final class Step extends AsyncProcessorSupport implements EndpointAware {
        private final KafkaEndpoint endpoint;
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private Consumer<Exchange> answer = Step::takes;
        private boolean later;
        private volatile int asked;
        private Waits onAsk = () -> {};

        Step(KafkaEndpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            asked++;
            try {
                onAsk.call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            if (later) {
                waiting.add(() -> {
                    answer.accept(exchange);
                    callback.done(false);
                });
                return false;
            }
            answer.accept(exchange);
            callback.done(true);
            return true;
        }

        void answers() {
            waiting.remove().run();
        }

        static void takes(Exchange exchange) {
            exchange.getMessage().setHeader(KafkaConstants.KAFKA_RECORD_META, List.of(METADATA));
        }

        static void isAway(Exchange exchange) {
            exchange.setException(new TimeoutException("the brokers are away"));
        }

        @Override
        public Endpoint getEndpoint() {
            return endpoint;
        }
    }

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final PublishingPolicy policy = new PublishingPolicy();
    private Step step;
    private Processor publishing;

    @BeforeEach
    void wrap() {
        Counters counters = new Counters();
        counters.setCamelContext(context);
        context.getRegistry().bind("counters", counters);
        context.getRegistry().bind("meters", MeterRegistry.class, new SimpleMeterRegistry());
        policy.setCamelContext(context);
        publishing = publishing("orders-dlq");
    }

    private Processor publishing(String topic) {
        KafkaEndpoint endpoint = new KafkaEndpoint("kafka:" + topic, new KafkaComponent(context));
        KafkaConfiguration configuration = new KafkaConfiguration();
        configuration.setTopic(topic);
        endpoint.setConfiguration(configuration);
        step = new Step(endpoint);
        return policy.wrap(null, step);
    }

    @Test
    void whatKafkaDoesNotAllowIsNotAskedForAgain() throws Exception {
        step.answer = exchange -> exchange.setException(new TopicAuthorizationException(Set.of("orders-dlq")));
        Exchange exchange = new DefaultExchange(context);

        publishing.process(exchange);

        assertThat(exchange.getException())
                .isInstanceOfSatisfying(ProblemException.class, problem -> assertThat(problem.status())
                        .isEqualTo(500))
                .hasMessageContaining("does not allow")
                .hasMessageNotContaining("sent again");
    }

    @Test
    void theReasonOfOneTopicHoldsBackNoOther() throws Exception {
        try (Logged logged = new Logged()) {
            for (String topic : List.of("one", "one", "two")) {
                Processor each = publishing(topic);
                step.answer = Step::isAway;
                each.process(new DefaultExchange(context));
            }

            assertThat(logged.text().lines().filter(line -> line.contains("Kafka did not take a record for")))
                    .hasSize(2)
                    .anyMatch(line -> line.contains("for one: "))
                    .anyMatch(line -> line.contains("for two: "));
        }
    }

    @Test
    void whoeverWaitsHasTheReceipt() throws Exception {
        Exchange exchange = new DefaultExchange(context);

        publishing.process(exchange);

        assertThat(exchange.getProperty(PublishingPolicy.RECEIPT)).isSameAs(METADATA);
    }

    @Test
    void anExchangeWithAnOutstandingGoesOnBeforeTheBrokersHaveItsRecord() throws Exception {
        publishing.process(new DefaultExchange(context));
        step.later = true;
        PendingAcks pendingAcks = new PendingAcks();

        Exchange exchange = publish(pendingAcks);

        assertThat(exchange.getException()).isNull();
        assertThat(step.waiting).hasSize(1);
        step.answers();
        pendingAcks.await();
    }

    @Test
    void theOutstandingTellsWhatTheBrokersDidNotTake() throws Exception {
        publishing.process(new DefaultExchange(context));
        step.later = true;
        step.answer = Step::isAway;
        PendingAcks pendingAcks = new PendingAcks();

        publish(pendingAcks);
        publish(pendingAcks);
        step.answers();
        step.answer = Step::takes;
        step.answers();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(pendingAcks::await)
                .withCauseInstanceOf(ProblemException.class);
    }

    @Test
    void aRecordWithoutAReceiptDoesNotCountAsTaken() throws Exception {
        publishing.process(new DefaultExchange(context));
        step.answer = exchange -> {};
        PendingAcks pendingAcks = new PendingAcks();

        publish(pendingAcks);

        assertThatExceptionOfType(ExecutionException.class).isThrownBy(pendingAcks::await);
    }

    @Test
    void whileATopicHasTakenNothingItsRecordsAreWaitedFor() throws Exception {
        step.answer = Step::isAway;

        assertThat(publish(new PendingAcks()).getException()).isInstanceOf(ProblemException.class);

        step.answer = Step::takes;
        assertThat(publish(new PendingAcks()).getProperty(PublishingPolicy.RECEIPT))
                .isSameAs(METADATA);
    }

    @Test
    void anOpenCircuitAnswersCallersAndKeepsNoFailedRecordFromItsNextTopic() throws Exception {
        step.answer = Step::isAway;
        for (int i = 0; i < 10; i++) {
            publishing.process(new DefaultExchange(context));
        }
        step.answer = Step::takes;
        int asked = step.asked;

        Exchange caller = new DefaultExchange(context);
        publishing.process(caller);

        assertThat(caller.getException()).isInstanceOf(ProblemException.class);
        assertThat(step.asked).isEqualTo(asked);
        assertThat(publish(new PendingAcks()).getException()).isNull();
        assertThat(step.asked).isEqualTo(asked + 1);
    }

    /** A failed record takes no permission of the half-open breaker, so it has none to give back. */
    @Test
    void aFailedRecordThatIsTooLargeLetsNoFurtherCallerTryAgain() throws Exception {
        step.answer = Step::isAway;
        for (int i = 0; i < 10; i++) {
            publishing.process(new DefaultExchange(context));
        }
        AsyncProcessor asynchronous = (AsyncProcessor) publishing;
        step.answer = exchange -> exchange.setException(new RecordTooLargeException("too large"));
        int before = step.asked;
        // Two callers try again after a second, and are still waiting.
        CountDownLatch tried = new CountDownLatch(2);
        CountDownLatch answered = new CountDownLatch(1);
        step.onAsk = () -> {
            if (step.asked <= before + 2) {
                tried.countDown();
                answered.await();
            }
        };
        ExecutorService callers = Executors.newCachedThreadPool();
        try {
            await().until(() -> {
                callers.submit(() -> {
                    asynchronous.process(new DefaultExchange(context));
                    return null;
                });
                return tried.getCount() == 0;
            });
            int waiting = step.asked;

            publish(new PendingAcks());
            assertThat(step.asked).isEqualTo(waiting + 1);
            publishing.process(new DefaultExchange(context));

            assertThat(step.asked).as("asked by a third caller").isEqualTo(waiting + 1);
        } finally {
            answered.countDown();
            callers.shutdownNow();
        }
    }

    private Exchange publish(PendingAcks pendingAcks) throws Exception {
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(PublishingPolicy.OUTSTANDING, pendingAcks);
        publishing.process(exchange);
        return exchange;
    }
}
