package dev.caravan.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.topics.Topics.Source;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {

    @ParameterizedTest
    @CsvSource({
        "orders,                  orders,         0",
        "orders-retry-1,          orders,         1",
        "orders-retry-9,          orders,         9",
        "orders-retry-1-retry-2,  orders-retry-1, 2",
        "my-orders-retry-3,       my-orders,      3",
        "orders-retry-0,          orders-retry-0, 0",
        "orders-retry-10,         orders-retry-10, 0",
        "orders-retry-,           orders-retry-,  0",
        "orders-retry-x,          orders-retry-x, 0",
        "orders-retry-1x,         orders-retry-1x, 0",
        "orders-retry--1,         orders-retry--1, 0",
        "-retry-1,                -retry-1,       0",
        "orders-dlq,              orders-dlq,     0",
        "orders-retry,            orders-retry,   0",
    })
    void readsATopicsNameBackwards(String name, String origin, int level) {
        assertThat(Topics.source(name)).isEqualTo(new Source(name, origin, level));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 9})
    void namesARetryTopicAsItReadsIt(int level) {
        assertThat(Topics.source(Topics.retry("my-orders", level)))
                .isEqualTo(new Source("my-orders-retry-" + level, "my-orders", level));
    }

    @Test
    void namesTheDeadLetterTopic() {
        assertThat(Topics.dlq("orders")).isEqualTo("orders-dlq");
    }

    @Test
    void aSettingOfTheFormCapabilityTopicMakesATopicWithItsLadder() {
        Topics topics = topics(Map.of(
                "orders.topic", "bestellungen",
                "kafka.consumer.topic", "no capability: it has two dots",
                "events.topic", "events",
                "retry.delays", "1s, 10s"));

        assertThat(topics.byCapability())
                .containsExactlyInAnyOrderEntriesOf(Map.of("orders", "bestellungen", "events", "events"));
        assertThat(topics.levels()).isEqualTo(2);
        assertThat(topics.all())
                .containsExactlyInAnyOrder(
                        "bestellungen",
                        "bestellungen-retry-1",
                        "bestellungen-retry-2",
                        "bestellungen-dlq",
                        "events",
                        "events-retry-1",
                        "events-retry-2",
                        "events-dlq");
    }

    @Test
    void aCallerMayNameTheTopicOfEventsAndThoseThatAreListed() {
        Topics topics = topics(
                Map.of("orders.topic", "orders", "events.topic", "events", "events.topics", " audit ,, clicks,"));

        assertThat(topics.callersMayName()).containsExactly("events", "audit", "clicks");
        assertThat(topics.all()).contains("audit", "clicks").doesNotContain("audit-dlq", "");
    }

    @Test
    void aTopicThatIsNamedTwiceIsCreatedOnce() {
        assertThat(topics(Map.of("events.topic", "events", "events.topics", "events"))
                        .all())
                .doesNotHaveDuplicates();
    }

    @Test
    void findsTheCapabilityOfATopic() {
        Topics topics = topics(Map.of("orders.topic", "bestellungen", "events.topic", "events"));

        assertThat(topics.capabilityOf("bestellungen")).isEqualTo("orders");
        assertThatThrownBy(() -> topics.capabilityOf("orders"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("orders");
    }

    @Test
    void theFunctionTopicsListsEveryTopicWithASuffix() {
        CamelContext context = context(Map.of("orders.topic", "orders", "events.topic", "events"));

        assertThat(context.resolvePropertyPlaceholders("kafka:{{topics:-retry-1}}"))
                .isEqualTo("kafka:events-retry-1,orders-retry-1");
    }

    private static Topics topics(Map<String, String> settings) {
        Topics topics = new Topics();
        topics.setCamelContext(context(settings));
        return topics;
    }

    private static CamelContext context(Map<String, String> settings) {
        Properties properties = new Properties();
        properties.setProperty("events.topics", "");
        properties.setProperty("retry.delays", "1s,10s,60s");
        properties.putAll(settings);
        CamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setInitialProperties(properties);
        return context;
    }
}
