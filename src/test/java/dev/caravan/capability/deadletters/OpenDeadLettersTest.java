package dev.caravan.capability.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.topics.Topics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpenDeadLettersTest {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private DefaultCamelContext context;

    @BeforeEach
    void start() {
        context = new DefaultCamelContext();
        Topics topics = new Topics();
        topics.setCamelContext(context);
        context.getRegistry().bind("topics", topics);
        context.getRegistry().bind("registry", registry);
    }

    @AfterEach
    void stop() throws Exception {
        context.close();
    }

    private OpenDeadLetters counter() {
        OpenDeadLetters counter = new OpenDeadLetters();
        counter.setCamelContext(context);
        return counter;
    }

    private void count(OpenDeadLetters counter, Object rows) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(rows);
        counter.process(exchange);
    }

    private static List<Map<String, Object>> open(int topics, int each) {
        return IntStream.range(0, topics)
                .<Map<String, Object>>mapToObj(
                        topic -> Map.of("consumer", "c" + topic, "topic", "t" + topic, "count", each))
                .toList();
    }

    private double gauge(String topic) {
        return registry.get("caravan.dead.letters.open")
                .tag("topic", topic)
                .gauge()
                .value();
    }

    @Test
    void concurrentScrapeSeesEachGaugeOnce() {
        OpenDeadLetters counter = counter();
        count(counter, open(50, 1));
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> counting = CompletableFuture.runAsync(() -> {
            for (int i = 0; !done.get(); i++) {
                count(counter, open(50, i));
            }
        });

        try {
            for (int i = 0; i < 200; i++) {
                assertThat(registry.scrape()).contains("caravan_dead_letters_open");
            }
        } finally {
            done.set(true);
            counting.join();
        }
    }

    @Test
    void gaugesShowTheLastCount() {
        OpenDeadLetters counter = counter();
        count(counter, open(2, 3));
        count(counter, open(1, 5));

        assertThat(gauge("t0")).isEqualTo(5);
        assertThat(registry.find("caravan.dead.letters.open").tag("topic", "t1").gauge())
                .isNull();
    }

    @Test
    void unknownCountHasNoGauge() {
        OpenDeadLetters counter = counter();
        count(counter, open(1, 3));

        count(counter, "");

        assertThat(registry.find("caravan.dead.letters.open").gauges()).isEmpty();
    }

    @Test
    void newBeanOfAnEditReplacesTheGauges() {
        count(counter(), open(1, 3));

        count(counter(), open(1, 4));

        assertThat(gauge("t0")).isEqualTo(4);
    }
}
