package dev.caravan.platform.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.topics.Counters;
import dev.caravan.support.LogCapture;
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
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.util.function.ThrowingRunnable;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a thread that may block. The step answers at once, or when the test tells it to. */
class PublishingPolicyTest {

    private static final RecordMetadata METADATA =
            new RecordMetadata(new TopicPartition("orders-dlq", 0), 7, 0, 0, 1, 1);

    /** Replaces the step to {@code kafka:}. */
    private static final class Step extends AsyncProcessorSupport implements EndpointAware {
        private final KafkaEndpoint endpoint;
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private Consumer<Exchange> answer = Step::acknowledges;
        private boolean deferred;
        private volatile int calls;
        private ThrowingRunnable<Exception> onCall = () -> {};

        Step(KafkaEndpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            calls++;
            try {
                onCall.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            if (deferred) {
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

        void answerNext() {
            waiting.remove().run();
        }

        static void acknowledges(Exchange exchange) {
            exchange.getMessage().setHeader(KafkaConstants.KAFKA_RECORD_META, List.of(METADATA));
        }

        static void timesOut(Exchange exchange) {
            exchange.setException(new TimeoutException("brokers unavailable"));
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
    void aDeniedWriteTellsTheClientNotToRetry() throws Exception {
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
    void rateLimitsLogLinesPerTopic() throws Exception {
        try (LogCapture logged = new LogCapture()) {
            for (String topic : List.of("one", "one", "two")) {
                Processor each = publishing(topic);
                step.answer = Step::timesOut;
                each.process(new DefaultExchange(context));
            }

            assertThat(logged.text().lines().filter(line -> line.contains("Kafka did not take a record for")))
                    .hasSize(2)
                    .anyMatch(line -> line.contains("for one: "))
                    .anyMatch(line -> line.contains("for two: "));
        }
    }

    @Test
    void sendsToTheTopicOfTheUriWithTheKeyOfTheExchange() throws Exception {
        Exchange exchange = new DefaultExchange(context);
        Message message = exchange.getMessage();
        message.setHeader(KafkaConstants.OVERRIDE_TOPIC, "elsewhere");
        message.setHeader(KafkaConstants.KEY, "injected");
        message.setHeader(KafkaConstants.PARTITION_KEY, 2);
        message.setHeader(KafkaConstants.OVERRIDE_TIMESTAMP, 1L);
        exchange.setProperty(RequestValidator.KEY, "k1");

        publishing.process(exchange);

        assertThat(message.getHeader(KafkaConstants.KEY, String.class)).isEqualTo("k1");
        assertThat(message.getHeaders())
                .doesNotContainKeys(
                        KafkaConstants.OVERRIDE_TOPIC, KafkaConstants.PARTITION_KEY, KafkaConstants.OVERRIDE_TIMESTAMP);

        exchange.removeProperty(RequestValidator.KEY);
        publishing.process(exchange);

        assertThat(message.getHeaders()).doesNotContainKey(KafkaConstants.KEY);
    }

    @Test
    void setsTheReceipt() throws Exception {
        Exchange exchange = new DefaultExchange(context);

        publishing.process(exchange);

        assertThat(exchange.getProperty(PublishingPolicy.RECEIPT)).isSameAs(METADATA);
    }

    @Test
    void withPendingAcksContinuesBeforeTheAcknowledgement() throws Exception {
        publishing.process(new DefaultExchange(context));
        step.deferred = true;
        PendingAcks pendingAcks = new PendingAcks();

        Exchange exchange = publish(pendingAcks);

        assertThat(exchange.getException()).isNull();
        assertThat(step.waiting).hasSize(1);
        step.answerNext();
        pendingAcks.await();
    }

    @Test
    void pendingAcksFailIfARecordIsRejected() throws Exception {
        publishing.process(new DefaultExchange(context));
        step.deferred = true;
        step.answer = Step::timesOut;
        PendingAcks pendingAcks = new PendingAcks();

        publish(pendingAcks);
        publish(pendingAcks);
        step.answerNext();
        step.answer = Step::acknowledges;
        step.answerNext();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(pendingAcks::await)
                .withCauseInstanceOf(ProblemException.class);
    }

    @Test
    void aMissingReceiptIsAFailure() throws Exception {
        publishing.process(new DefaultExchange(context));
        step.answer = exchange -> {};
        PendingAcks pendingAcks = new PendingAcks();

        publish(pendingAcks);

        assertThatExceptionOfType(ExecutionException.class).isThrownBy(pendingAcks::await);
    }

    @Test
    void waitsUntilATopicHasAcceptedItsFirstRecord() throws Exception {
        step.answer = Step::timesOut;

        assertThat(publish(new PendingAcks()).getException()).isInstanceOf(ProblemException.class);

        step.answer = Step::acknowledges;
        assertThat(publish(new PendingAcks()).getProperty(PublishingPolicy.RECEIPT))
                .isSameAs(METADATA);
    }

    @Test
    void anOpenCircuitRejectsCallersButNotFailedRecords() throws Exception {
        step.answer = Step::timesOut;
        for (int i = 0; i < 10; i++) {
            publishing.process(new DefaultExchange(context));
        }
        step.answer = Step::acknowledges;
        int calls = step.calls;

        Exchange caller = new DefaultExchange(context);
        publishing.process(caller);

        assertThat(caller.getException()).isInstanceOf(ProblemException.class);
        assertThat(step.calls).isEqualTo(calls);
        assertThat(publish(new PendingAcks()).getException()).isNull();
        assertThat(step.calls).isEqualTo(calls + 1);
    }

    /** A failed record acquires no permission of the half-open breaker, so it must not release one. */
    @Test
    void aTooLargeFailedRecordReleasesNoPermission() throws Exception {
        step.answer = Step::timesOut;
        for (int i = 0; i < 10; i++) {
            publishing.process(new DefaultExchange(context));
        }
        AsyncProcessor asynchronous = (AsyncProcessor) publishing;
        step.answer = exchange -> exchange.setException(new RecordTooLargeException("too large"));
        int before = step.calls;
        // After a second two callers try again, and are still waiting.
        CountDownLatch tried = new CountDownLatch(2);
        CountDownLatch answered = new CountDownLatch(1);
        step.onCall = () -> {
            if (step.calls <= before + 2) {
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
            int waiting = step.calls;

            publish(new PendingAcks());
            assertThat(step.calls).isEqualTo(waiting + 1);
            publishing.process(new DefaultExchange(context));

            assertThat(step.calls).as("calls, without the third caller").isEqualTo(waiting + 1);
        } finally {
            answered.countDown();
            callers.shutdownNow();
        }
    }

    private Exchange publish(PendingAcks pendingAcks) throws Exception {
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(PublishingPolicy.PENDING_ACKS, pendingAcks);
        publishing.process(exchange);
        return exchange;
    }
}
