package dev.caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.caravan.edge.Problem;
import dev.caravan.metrics.Counters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.camel.AsyncCallback;
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
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of an exchange on a thread that may wait; the step answers when the test says so, or at once. */
class PublishingTest {

    private static final RecordMetadata METADATA =
            new RecordMetadata(new TopicPartition("orders-dlq", 0), 7, 0, 0, 1, 1);

    /** Stands for the step to {@code kafka:}. */
    private static final class Step extends AsyncProcessorSupport implements EndpointAware {
        private final KafkaEndpoint endpoint;
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private Consumer<Exchange> answer = Step::takes;
        private boolean later;
        private int asked;

        Step(KafkaEndpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            asked++;
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
    private Step step;
    private Processor publishing;

    @BeforeEach
    void wrap() {
        Counters counters = new Counters();
        counters.setCamelContext(context);
        context.getRegistry().bind("counters", counters);
        context.getRegistry().bind("meters", MeterRegistry.class, new SimpleMeterRegistry());
        KafkaEndpoint endpoint = new KafkaEndpoint("kafka:orders-dlq", new KafkaComponent(context));
        KafkaConfiguration configuration = new KafkaConfiguration();
        configuration.setTopic("orders-dlq");
        endpoint.setConfiguration(configuration);
        step = new Step(endpoint);
        Publishing policy = new Publishing();
        policy.setCamelContext(context);
        publishing = policy.wrap(null, step);
    }

    @Test
    void whoeverWaitsHasTheReceipt() throws Exception {
        Exchange exchange = new DefaultExchange(context);

        publishing.process(exchange);

        assertThat(exchange.getProperty(Publishing.RECEIPT)).isSameAs(METADATA);
    }

    @Test
    void anExchangeWithAnOutstandingGoesOnBeforeTheBrokersHaveItsRecord() throws Exception {
        publishing.process(new DefaultExchange(context));
        step.later = true;
        Outstanding outstanding = new Outstanding();

        Exchange exchange = publish(outstanding);

        assertThat(exchange.getException()).isNull();
        assertThat(step.waiting).hasSize(1);
        step.answers();
        outstanding.await();
    }

    @Test
    void theOutstandingTellsWhatTheBrokersDidNotTake() throws Exception {
        publishing.process(new DefaultExchange(context));
        step.later = true;
        step.answer = Step::isAway;
        Outstanding outstanding = new Outstanding();

        publish(outstanding);
        publish(outstanding);
        step.answers();
        step.answer = Step::takes;
        step.answers();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(outstanding::await)
                .withCauseInstanceOf(Problem.class);
    }

    @Test
    void aRecordWithoutAReceiptDoesNotCountAsTaken() throws Exception {
        publishing.process(new DefaultExchange(context));
        step.answer = exchange -> {};
        Outstanding outstanding = new Outstanding();

        publish(outstanding);

        assertThatExceptionOfType(ExecutionException.class).isThrownBy(outstanding::await);
    }

    @Test
    void whileATopicHasTakenNothingItsRecordsAreWaitedFor() throws Exception {
        step.answer = Step::isAway;

        assertThat(publish(new Outstanding()).getException()).isInstanceOf(Problem.class);

        step.answer = Step::takes;
        assertThat(publish(new Outstanding()).getProperty(Publishing.RECEIPT)).isSameAs(METADATA);
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

        assertThat(caller.getException()).isInstanceOf(Problem.class);
        assertThat(step.asked).isEqualTo(asked);
        assertThat(publish(new Outstanding()).getException()).isNull();
        assertThat(step.asked).isEqualTo(asked + 1);
    }

    private Exchange publish(Outstanding outstanding) throws Exception {
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(Publishing.OUTSTANDING, outstanding);
        publishing.process(exchange);
        return exchange;
    }
}
