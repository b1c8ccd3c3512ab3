package dev.caravan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.capability.inbox.InboxRepository;
import dev.caravan.platform.reliability.InPlaceRetryPolicy;
import dev.caravan.platform.reliability.OutageWait;
import dev.caravan.platform.settings.Durations;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.apache.camel.model.AggregateDefinition;
import org.apache.camel.model.IdempotentConsumerDefinition;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.PausableDefinition;
import org.apache.camel.model.RedeliveryPolicyDefinition;
import org.apache.camel.model.ResumableDefinition;
import org.apache.camel.model.TransactedDefinition;
import org.apache.camel.spi.ReloadStrategy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Options of Camel and Kafka whose defaults rarely, or after minutes, lose or delay messages. */
@TestInstance(Lifecycle.PER_CLASS)
class TrapsTest {

    private static final String BYTES = "org.apache.kafka.common.serialization.ByteArray";

    /** The maximum of RETRY_DELAYS. */
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(4);

    private final RouteModel model = RouteModel.running();

    @AfterAll
    void close() {
        model.close();
    }

    @Test
    void failingPollEndsWithinMaxPollInterval() {
        InPlaceRetryPolicy inPlaceRetryPolicy =
                model.context().getRegistry().lookupByNameAndType("inPlaceRetries", InPlaceRetryPolicy.class);
        long inPlace = waits(
                inPlaceRetryPolicy.getRedeliveryDelay(),
                inPlaceRetryPolicy.getMaximumRedeliveryDelay(),
                inPlaceRetryPolicy.getMaximumRedeliveries());
        assertThat(model.consumers()).isNotEmpty().allSatisfy((id, endpoint) -> {
            long delay = id.startsWith("retry-") ? LONGEST_DELAY.toMillis() : 0;
            assertThat(Duration.ofMillis(
                            delay + inPlace * endpoint.getConfiguration().getMaxPollRecords()))
                    .as("waits of one poll of %s", id)
                    .isLessThan(pollInterval(endpoint));
        });
    }

    @Test
    void outageWaitsEndWithinMaxPollInterval() {
        List<OnExceptionDefinition> waiting = model.configuration("reliable").getOnExceptions().stream()
                .filter(clause -> clause.getRetryWhile() != null)
                .toList();
        int most = model.context()
                .getRegistry()
                .lookupByNameAndType("outageWait", OutageWait.class)
                .getMaxWaits();

        assertThat(waiting).isNotEmpty().allSatisfy(clause -> {
            RedeliveryPolicyDefinition policy = clause.getRedeliveryPolicyType();
            assertThat(policy.getBackOffMultiplier()).isEqualTo("2");
            long wait = waits(
                    Long.parseLong(policy.getRedeliveryDelay()),
                    Long.parseLong(policy.getMaximumRedeliveryDelay()),
                    most);
            assertThat(model.consumers().values())
                    .allSatisfy(endpoint -> assertThat(Duration.ofMillis(wait)).isLessThan(pollInterval(endpoint)));
        });
    }

    @Test
    void routesDoNotPauseConsumers() {
        assertThat(model.routes()).isNotEmpty().allSatisfy(route -> {
            assertThat(RouteModel.steps(route, PausableDefinition.class))
                    .as(route.getRouteId())
                    .isEmpty();
            assertThat(RouteModel.steps(route, ResumableDefinition.class))
                    .as(route.getRouteId())
                    .isEmpty();
        });
    }

    @Test
    void recordsAreBytes() {
        assertThat(endpoints()).isNotEmpty().allSatisfy((uri, endpoint) -> {
            KafkaConfiguration options = endpoint.getConfiguration();
            assertThat(List.of(options.getKeyDeserializer(), options.getValueDeserializer()))
                    .as(uri)
                    .containsOnly(BYTES + "Deserializer");
            assertThat(List.of(options.getKeySerializer(), options.getValueSerializer()))
                    .as(uri)
                    .containsOnly(BYTES + "Serializer");
        });
    }

    @Test
    void messageIsOneRecord() {
        assertThat(endpoints()).isNotEmpty().allSatisfy((uri, endpoint) -> assertThat(
                        endpoint.getConfiguration().isUseIterator())
                .as("%s splits a list", uri)
                .isFalse());
    }

    @Test
    void publishEndsWithinItsTimeoutWithoutLinger() {
        Duration timeout = Duration.ofMillis(Durations.millis(resolved("publish.timeout")));

        assertThat(endpoints()).isNotEmpty().allSatisfy((uri, endpoint) -> {
            KafkaConfiguration options = endpoint.getConfiguration();
            assertThat(Duration.ofMillis(options.getMaxBlockMs() + options.getDeliveryTimeoutMs()))
                    .as(uri)
                    .isLessThan(timeout);
            assertThat(options.getRequestTimeoutMs()).as(uri).isLessThanOrEqualTo(options.getDeliveryTimeoutMs());
            assertThat(options.getLingerMs()).as(uri).isZero();
        });
    }

    @Test
    void noStateBeforeAnEffectIsInMemory() {
        assertThat(model.routes()).isNotEmpty().allSatisfy(route -> {
            assertThat(RouteModel.steps(route, AggregateDefinition.class))
                    .as("aggregators of %s", route.getRouteId())
                    .allSatisfy(aggregate -> {
                        assertThat(aggregate.getAggregationRepository())
                                .as("repository")
                                .isNotNull();
                        assertThat(model.context().getRegistry().lookupByName(aggregate.getAggregationRepository()))
                                .isInstanceOf(InboxRepository.class);
                        assertThat(aggregate.getParent().getShortName())
                                .as("what makes it one transaction with the MessageID")
                                .isEqualTo("policy");
                        assertThat(Stream.of(
                                        aggregate.getCompletionTimeout(),
                                        aggregate.getCompletionInterval(),
                                        aggregate.getExecutorService(),
                                        aggregate.getTimeoutCheckerExecutorService()))
                                .as("what would take it to another thread")
                                .containsOnlyNulls();
                    });
            assertThat(RouteModel.steps(route, IdempotentConsumerDefinition.class))
                    .as(route.getRouteId())
                    .isEmpty();
            assertThat(RouteModel.steps(route, TransactedDefinition.class))
                    .as(route.getRouteId())
                    .isEmpty();
        });
    }

    @Test
    void camelReloadIsOff() {
        assertThat(model.context().hasService(ReloadStrategy.class)).isNull();
        assertThat(model.context().getPropertiesComponent().resolveProperty("camel.main.routesReloadEnabled"))
                .isEmpty();
    }

    @Test
    void camelHttpAuthenticationAndCorsAreOff() {
        HttpServerConfigurationProperties http = model.server();

        assertThat(http.isAuthenticationEnabled()).isFalse();
        assertThat(http.isStaticEnabled()).isFalse();
        assertThat(model.context().getRestConfiguration().isEnableCORS()).isFalse();
        assertThat(model.rests()).isNotEmpty().allSatisfy(rest -> assertThat(rest.getPath())
                .doesNotStartWith("/proxy"));
    }

    private static long waits(long first, long longest, int times) {
        long sum = 0;
        long next = first;
        for (int i = 0; i < times; i++) {
            sum += Math.min(next, longest);
            next *= 2;
        }
        return sum;
    }

    private static Duration pollInterval(KafkaEndpoint endpoint) {
        return Duration.ofMillis(endpoint.getConfiguration().getMaxPollIntervalMs());
    }

    private Map<String, KafkaEndpoint> endpoints() {
        Map<String, KafkaEndpoint> endpoints = new HashMap<>();
        model.kafkaUris().forEach(uri -> endpoints.put(uri, model.context().getEndpoint(uri, KafkaEndpoint.class)));
        return endpoints;
    }

    private String resolved(String property) {
        return model.context().resolvePropertyPlaceholders("{{" + property + "}}");
    }
}
