package dev.caravan.operations.traces;

import dev.caravan.platform.context.ErrorText;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * OpenTelemetry's traces: a span for each request, for each record that is sent or processed, and for each step that waits for
 * the database, all of one message in one trace.
 *
 * <p>Off unless a variable {@code OTEL_…} asks for them; then nothing of this stands in any route. Spans are sent from a thread of
 * their own; while they cannot be, they are dropped, and no message waits.
 */
public final class Traces implements AutoCloseable {

    private static final String EXPORTER = "otel.traces.exporter";
    private static final List<String> ENDPOINTS =
            List.of("otel.exporter.otlp.endpoint", "otel.exporter.otlp.traces.endpoint");
    private static final List<String> PROTOCOLS =
            List.of("otel.exporter.otlp.protocol", "otel.exporter.otlp.traces.protocol");
    private static final String PROTOCOL = "http/protobuf";
    private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("service.name");
    private static final long LAST_SPANS_SECONDS = 2;

    private final OpenTelemetrySdk sdk;

    private Traces(OpenTelemetrySdk sdk) {
        this.sdk = sdk;
    }

    /**
     * Has to come before the routes are loaded.
     *
     * @return empty when nobody asks for traces
     * @throws IllegalArgumentException when what the variables ask for cannot be
     */
    public static Optional<Traces> start(CamelContext context) {
        Properties found = context.getPropertiesComponent().loadProperties(name -> name.startsWith("otel."));
        Map<String, String> properties =
                found.stringPropertyNames().stream().collect(Collectors.toMap(name -> name, found::getProperty));
        if (!asked(properties)) {
            return Optional.empty();
        }
        PROTOCOLS.forEach(protocol -> check(properties, protocol));
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        OpenTelemetrySdk sdk = sdk(properties);
        Tracer tracer = sdk.getTracer("dev.caravan");
        context.addRoutePolicyFactory(new InboundSpans(tracer));
        context.getCamelContextExtension()
                .addInterceptStrategy(new ProducerAndSqlSpans(
                        tracer, system(context.resolvePropertyPlaceholders("{{database.url}}"))));
        return Optional.of(new Traces(sdk));
    }

    private static boolean asked(Map<String, String> properties) {
        if ("true".equalsIgnoreCase(setting(properties, "otel.sdk.disabled"))) {
            return false;
        }
        String exporter = setting(properties, EXPORTER);
        return exporter.isEmpty()
                ? ENDPOINTS.stream()
                        .anyMatch(endpoint -> !setting(properties, endpoint).isEmpty())
                : !exporter.equals("none");
    }

    private static void check(Map<String, String> properties, String protocol) {
        String given = setting(properties, protocol);
        if (!given.isEmpty() && !given.equals(PROTOCOL)) {
            throw new IllegalArgumentException(variable(protocol) + " must be " + PROTOCOL + ", not \"" + given + "\"");
        }
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    /** In the order in which the SDK looks for it. */
    private static String setting(Map<String, String> properties, String name) {
        String variable = System.getenv(variable(name));
        String value =
                System.getProperty(name, variable == null || variable.isBlank() ? properties.get(name) : variable);
        return value == null ? "" : value.strip();
    }

    private static OpenTelemetrySdk sdk(Map<String, String> properties) {
        try {
            return AutoConfiguredOpenTelemetrySdk.builder()
                    // The SDK's own default is gRPC, for which it needs more libraries.
                    .addPropertiesSupplier(() -> Map.of(PROTOCOLS.get(0), PROTOCOL))
                    .addPropertiesSupplier(() -> properties)
                    // Metrics are Prometheus', and logs are on standard output.
                    .addPropertiesCustomizer(
                            config -> Map.of("otel.metrics.exporter", "none", "otel.logs.exporter", "none"))
                    .addResourceCustomizer((resource, config) -> named(resource))
                    // Caravan stops it itself, after all that makes spans.
                    .disableShutdownHook()
                    .build()
                    .getOpenTelemetrySdk();
        } catch (ConfigurationException | IllegalStateException e) {
            throw new IllegalArgumentException("OTEL_*: " + ErrorText.line(e), e);
        }
    }

    private static Resource named(Resource resource) {
        String given = resource.getAttribute(SERVICE);
        return given == null || given.startsWith("unknown_service")
                ? resource.merge(Resource.create(Attributes.of(SERVICE, "caravan")))
                : resource;
    }

    /** OpenTelemetry's name of the database that a JDBC URL leads to. */
    private static String system(String url) {
        String name = url.replaceFirst("^jdbc:([^:]+):.*", "$1");
        return name.equals("h2") ? "h2database" : name;
    }

    /** Sends what is left, for two seconds at most. */
    @Override
    public void close() {
        sdk.shutdown().join(LAST_SPANS_SECONDS, TimeUnit.SECONDS);
    }
}
