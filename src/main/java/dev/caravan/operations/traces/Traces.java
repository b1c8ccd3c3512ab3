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
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * OpenTelemetry traces: a span for each request, each record sent or processed, and each step that waits for the
 * database. All spans of a message belong to one trace.
 *
 * <p>Off unless a variable {@code OTEL_…} enables them. While they are off, routes contain no tracing code. A separate
 * thread exports the spans. Spans that cannot be exported are dropped, and no message waits.
 */
public final class Traces implements AutoCloseable {

    private static final String EXPORTER = "otel.traces.exporter";
    private static final List<String> ENDPOINTS =
            List.of("otel.exporter.otlp.endpoint", "otel.exporter.otlp.traces.endpoint");
    private static final List<String> PROTOCOLS =
            List.of("otel.exporter.otlp.protocol", "otel.exporter.otlp.traces.protocol");
    private static final String PROTOCOL = "http/protobuf";
    private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("service.name");
    private static final long STOP_SECONDS = 2;

    private final OpenTelemetrySdk sdk;

    private Traces(OpenTelemetrySdk sdk) {
        this.sdk = sdk;
    }

    /**
     * Call before the routes are loaded.
     *
     * @return empty if no variable enables traces
     * @throws IllegalArgumentException if the variables conflict or are invalid
     */
    public static Optional<Traces> start(CamelContext context) {
        Properties found = context.getPropertiesComponent().loadProperties(name -> name.startsWith("otel."));
        Map<String, String> properties =
                found.stringPropertyNames().stream().collect(Collectors.toMap(Function.identity(), found::getProperty));
        if (!isEnabled(properties)) {
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

    private static boolean isEnabled(Map<String, String> properties) {
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

    /** Has the same precedence as the SDK. */
    private static String setting(Map<String, String> properties, String name) {
        String variable = System.getenv(variable(name));
        String value =
                System.getProperty(name, variable == null || variable.isBlank() ? properties.get(name) : variable);
        return value == null ? "" : value.strip();
    }

    private static OpenTelemetrySdk sdk(Map<String, String> properties) {
        try {
            return AutoConfiguredOpenTelemetrySdk.builder()
                    // The SDK's default, gRPC, would need more libraries.
                    .addPropertiesSupplier(() -> Map.of(PROTOCOLS.get(0), PROTOCOL))
                    .addPropertiesSupplier(() -> properties)
                    // Prometheus collects the metrics, and logs go to standard output.
                    .addPropertiesCustomizer(
                            config -> Map.of("otel.metrics.exporter", "none", "otel.logs.exporter", "none"))
                    .addResourceCustomizer((resource, config) -> withServiceName(resource))
                    // Caravan stops the SDK after everything that creates spans.
                    .disableShutdownHook()
                    .build()
                    .getOpenTelemetrySdk();
        } catch (ConfigurationException | IllegalStateException e) {
            throw new IllegalArgumentException("OTEL_*: " + ErrorText.line(e), e);
        }
    }

    private static Resource withServiceName(Resource resource) {
        String given = resource.getAttribute(SERVICE);
        return given == null || given.startsWith("unknown_service")
                ? resource.merge(Resource.create(Attributes.of(SERVICE, "caravan")))
                : resource;
    }

    /** OpenTelemetry's name for the database of a JDBC URL. */
    private static String system(String url) {
        String name = url.replaceFirst("^jdbc:([^:]+):.*", "$1");
        return name.equals("h2") ? "h2database" : name;
    }

    /** Exports the remaining spans within two seconds. */
    @Override
    public void close() {
        sdk.shutdown().join(STOP_SECONDS, TimeUnit.SECONDS);
    }
}
