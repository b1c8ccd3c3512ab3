package dev.caravan.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Receives spans over OTLP, as protobuf over HTTP, like the OpenTelemetry Collector. */
public final class SpanCollector implements AutoCloseable {

    /** A received span. */
    public record Span(
            String service,
            String traceId,
            String id,
            String parentId,
            String name,
            String kind,
            boolean failed,
            Map<String, String> attributes,
            String all) {}

    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();

    public SpanCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
        request.getResourceSpansList().forEach(this::add);
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    private void add(ResourceSpans of) {
        String service = texts(of.getResource().getAttributesList()).get("service.name");
        of.getScopeSpansList().forEach(scope -> scope.getSpansList()
                .forEach(span -> spans.add(new Span(
                        service,
                        hex(span.getTraceId().toByteArray()),
                        hex(span.getSpanId().toByteArray()),
                        hex(span.getParentSpanId().toByteArray()),
                        span.getName(),
                        span.getKind().name().replace("SPAN_KIND_", ""),
                        span.getStatus().getCodeValue() == 2,
                        texts(span.getAttributesList()),
                        span.toString()))));
    }

    private static Map<String, String> texts(List<KeyValue> attributes) {
        return attributes.stream().collect(Collectors.toMap(KeyValue::getKey, each -> text(each.getValue())));
    }

    private static String text(AnyValue value) {
        return value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue();
    }

    private static String hex(byte[] id) {
        return HexFormat.of().formatHex(id);
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The spans of a trace so far, in order of arrival. */
    public List<Span> trace(String traceId) {
        return spans.stream().filter(span -> span.traceId().equals(traceId)).toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
