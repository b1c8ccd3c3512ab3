package dev.caravan.platform.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.topics.Consumers.Reading;
import dev.caravan.platform.topics.Consumers.Routes;
import dev.caravan.platform.topics.Topics.Source;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        "orders-dlq,              orders,         0",
        "orders-retry,            orders-retry,   0",
    })
    void parsesTopicNamesFromTheEnd(String name, String ladder, int level) {
        assertThat(topics(Map.of()).source(name))
                .isEqualTo(new Source(name, TopicConsumer.owner(ladder, ladder), level));
    }

    @ParameterizedTest
    @CsvSource({
        "orders.billing-retry-1,  billing,   orders,   1",
        "orders.billing-dlq,      billing,   orders,   0",
        "orders-retry-3,          orders,    orders,   3",
        "my.orders-retry-2,       my.orders, my.orders, 2",
        "payments-dlq,            billing,   payments, 0",
    })
    void findsTheConsumerOfARetryOrDeadLetterTopic(String name, String consumer, String topic, int level) {
        Topics topics = topics(Map.of("orders.topic", "orders", "my.orders.topic", "no capability: it has two dots"));
        topics.setRoutes(routes("orders orders", "billing orders", "billing payments", "my.orders my.orders"));

        Source source = topics.source(name);

        assertThat(source.consumer().name()).isEqualTo(consumer);
        assertThat(source.origin()).isEqualTo(topic);
        assertThat(source.level()).isEqualTo(level);
    }

    @ParameterizedTest(name = "of {2}, with the setting {0} and the route capability {1}: {3}")
    @CsvSource({
        "'',     '',      billing,               billing",
        "'',     '',      'audit billing',       audit",
        "'',     '',      'audit billing t',     t",
        "'',     billing, 'audit billing t',     billing",
        "'',     absent,  'audit billing t',     t",
        "'',     absent,  '',                    absent",
        "audit,  billing, 'audit billing t',     audit",
        "absent, '',      'audit billing t',     absent",
    })
    void aTopicHasOneOwner(String setting, String capability, String readers, String owner) {
        Topics topics = topics(setting.isEmpty() ? Map.of() : Map.of(setting + ".topic", "t"));
        Set<Reading> readings = Stream.of(readers.split(" "))
                .filter(name -> !name.isEmpty())
                .map(name -> new Reading(name, "t"))
                .collect(Collectors.toSet());
        topics.setRoutes(new Routes(capability.isEmpty() ? Map.of() : Map.of(capability, "t"), readings));

        assertThat(topics.consumers().owner("t")).contains(TopicConsumer.owner(owner, "t"));
        assertThat(topics.consumers().of("t").stream().filter(TopicConsumer::isOwner))
                .hasSize(1);
    }

    @Test
    void eachConsumerOfATopicHasItsOwnRetryTopicsAndDeadLetterTopic() {
        Topics topics = topics(Map.of("orders.topic", "orders", "retry.delays", "1s"));
        topics.setRoutes(routes("orders orders", "billing orders", "audit orders"));

        assertThat(topics.required(topics.consumers()))
                .containsExactlyInAnyOrder(
                        "orders",
                        "orders-retry-1",
                        "orders-dlq",
                        "orders.billing-retry-1",
                        "orders.billing-dlq",
                        "orders.audit-retry-1",
                        "orders.audit-dlq");
    }

    @ParameterizedTest(name = "{1} reads {0}, failed in {2}: consumer {3} at level {4}")
    @CsvSource({
        "orders,                 caravan-orders,  '',      orders,  orders,         0",
        "orders,                 caravan-billing, '',      billing, orders.billing, 0",
        // The consumer in a record's header counts only on a retry topic.
        "orders,                 caravan-billing, orders,  billing, orders.billing, 0",
        "orders-retry-1,         caravan-retry-1, '',      orders,  orders,         1",
        "orders.billing-retry-2, caravan-retry-2, billing, billing, orders.billing, 2",
        "orders-retry-1,         caravan-retry-1, billing, billing, orders.billing, 1",
        // Records of a removed consumer keep their retry topics.
        "orders-retry-1,         caravan-retry-1, gone,    gone,    orders,         1",
        "other,                  mine,            '',      mine,    other.mine,     0",
    })
    void findsTheConsumerOfARecord(String topic, String group, String failed, String name, String ladder, int level) {
        Topics topics = topics(Map.of("orders.topic", "orders", "kafka.consumer.group.id", "caravan"));
        topics.setRoutes(routes("orders orders", "billing orders"));

        Source source = topics.source(topic, group, failed.isEmpty() ? null : failed);

        assertThat(source.consumer().name()).isEqualTo(name);
        assertThat(source.consumer().ladder()).isEqualTo(ladder);
        assertThat(source.level()).isEqualTo(level);
    }

    @ParameterizedTest
    @CsvSource({
        "caravan-orders, orders",
        "caravan-a-b, a-b",
        "mine, mine",
        "caravan, caravan",
        "caravan-, caravan-",
    })
    void namesAConsumerByItsGroup(String group, String name) {
        Topics topics = topics(Map.of("kafka.consumer.group.id", "caravan"));

        assertThat(topics.consumerOf(group)).isEqualTo(name);
    }

    private static Routes routes(String... readings) {
        return new Routes(
                Map.of(),
                Stream.of(readings)
                        .map(each -> each.split(" "))
                        .map(each -> new Reading(each[0], each[1]))
                        .collect(Collectors.toSet()));
    }

    @Test
    void namesTheDeadLetterTopic() {
        assertThat(Topics.dlq("orders")).isEqualTo("orders-dlq");
    }

    @Test
    void aTopicSettingDefinesATopicWithItsRetryTopics() {
        Topics topics = topics(Map.of(
                "orders.topic", "bestellungen",
                "kafka.consumer.topic", "no capability: it has two dots",
                "events.topic", "events",
                "retry.delays", "1s, 10s"));

        assertThat(topics.consumers().all())
                .containsExactly(
                        TopicConsumer.owner("orders", "bestellungen"), TopicConsumer.owner("events", "events"));
        assertThat(topics.levels()).isEqualTo(2);
        assertThat(topics.required(topics.consumers()))
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
    void clientsMayPublishToEventsAndTheListedTopics() {
        Topics topics = topics(
                Map.of("orders.topic", "orders", "events.topic", "events", "events.topics", " audit ,, clicks,"));

        assertThat(topics.allowedTopics()).containsExactly("events", "audit", "clicks");
        assertThat(topics.required(topics.consumers()))
                .contains("audit", "clicks")
                .doesNotContain("audit-dlq", "");
    }

    @Test
    void aTopicNamedTwiceIsCreatedOnce() {
        Topics topics = topics(Map.of("events.topic", "events", "events.topics", "events"));

        assertThat(topics.required(topics.consumers())).doesNotHaveDuplicates();
    }

    @Test
    void findsTheCapabilityOfATopic() {
        Topics topics = topics(Map.of("orders.topic", "bestellungen", "events.topic", "events"));

        assertThat(topics.findCapability("bestellungen")).contains("orders");
        assertThat(topics.findCapability("orders")).isEmpty();
    }

    @Test
    void topicsFunctionListsEveryTopicWithTheSuffix() {
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
