package dev.caravan.operations.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TracesTest {

    private static final String ENDPOINT = "otel.exporter.otlp.endpoint";
    private static final String NOWHERE = "http://127.0.0.1:1";

    static Stream<Map<String, String>> off() {
        return Stream.of(
                Map.of(),
                Map.of("otel.service.name", "mine", "otel.traces.sampler", "always_on"),
                Map.of("otel.traces.exporter", "none"),
                Map.of("otel.traces.exporter", "none", ENDPOINT, NOWHERE),
                Map.of("otel.sdk.disabled", "true", ENDPOINT, NOWHERE),
                Map.of("otel.sdk.disabled", "true", "otel.traces.exporter", "otlp"));
    }

    @ParameterizedTest
    @MethodSource("off")
    void tracesAreOffUnlessEnabled(Map<String, String> properties) {
        DefaultCamelContext context = context(properties);

        assertThat(Traces.start(context)).isEmpty();

        assertThat(context.getRoutePolicyFactories()).isEmpty();
        assertThat(context.getCamelContextExtension().getInterceptStrategies()).isEmpty();
    }

    static Stream<Map<String, String>> on() {
        return Stream.of(
                Map.of(ENDPOINT, NOWHERE),
                Map.of("otel.exporter.otlp.traces.endpoint", NOWHERE + "/v1/traces"),
                Map.of("otel.traces.exporter", "otlp", "otel.metrics.exporter", "prometheus"),
                Map.of("otel.sdk.disabled", "false", ENDPOINT, NOWHERE));
    }

    @ParameterizedTest
    @MethodSource("on")
    void standardVariablesEnableTraces(Map<String, String> properties) {
        DefaultCamelContext context = context(properties);

        Optional<Traces> traces = Traces.start(context);

        assertThat(traces).isPresent();
        assertThat(context.getRoutePolicyFactories()).hasSize(1);
        assertThat(context.getCamelContextExtension().getInterceptStrategies()).hasSize(1);
        traces.get().close();
    }

    static Stream<Arguments> invalid() {
        return Stream.of(
                Arguments.of("otel.traces.exporter", "zipkin"),
                Arguments.of("otel.traces.sampler", "sometimes"),
                Arguments.of("otel.exporter.otlp.protocol", "grpc"));
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void invalidVariablesAbortTheStart(String property, String value) {
        DefaultCamelContext context = context(Map.of(ENDPOINT, NOWHERE, property, value));

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Traces.start(context))
                .withMessageStartingWith("OTEL_")
                .withMessageContaining(value);
    }

    private static DefaultCamelContext context(Map<String, String> properties) {
        DefaultCamelContext context = new DefaultCamelContext();
        Properties all = new Properties();
        all.putAll(properties);
        all.setProperty("database.url", "jdbc:h2:mem:traces");
        context.getPropertiesComponent().setOverrideProperties(all);
        return context;
    }
}
