package dev.caravan.operations.traces;

import dev.caravan.platform.edge.KafkaHeaders;
import dev.caravan.platform.edge.RequestValidator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.function.BiConsumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * A span for each inbound message: for a request until its response, for a record until its effect or until it is in
 * the next topic. The parent is the span in {@code traceparent}. Routes that other routes call have no span.
 */
final class InboundSpans implements RoutePolicyFactory {

    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
    private static final AttributeKey<String> SCHEME = AttributeKey.stringKey("url.scheme");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");

    private final Tracer tracer;

    InboundSpans(Tracer tracer) {
        this.tracer = tracer;
    }

    @Override
    public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
        return new RoutePolicySupport() {
            @Override
            public void onExchangeBegin(Route route, Exchange exchange) {
                Endpoint endpoint = route.getConsumer().getEndpoint();
                if (endpoint instanceof PlatformHttpEndpoint http) {
                    request(http, exchange);
                } else if (endpoint instanceof KafkaEndpoint kafka) {
                    record(kafka, exchange);
                }
            }
        };
    }

    private void request(PlatformHttpEndpoint endpoint, Exchange exchange) {
        Message message = exchange.getMessage();
        String method = message.getHeader(Exchange.HTTP_METHOD, String.class);
        SpanBuilder builder = tracer.spanBuilder(method + " " + endpoint.getPath())
                .setSpanKind(SpanKind.SERVER)
                .setAttribute(METHOD, method)
                .setAttribute(ROUTE, endpoint.getPath())
                .setAttribute(PATH, message.getHeader(Exchange.HTTP_PATH, String.class))
                .setAttribute(SCHEME, "http");
        Context context = begin(exchange, builder, InboundSpans::describeResponse);
        TraceContext.write(message, context);
    }

    private static void describeResponse(Span span, Exchange exchange) {
        Message reply = exchange.getMessage();
        int status = reply.getHeader(Exchange.HTTP_RESPONSE_CODE, reply.getBody() == null ? 204 : 200, Integer.class);
        span.setAttribute(STATUS, (long) status);
        if (status >= 500) {
            span.setStatus(StatusCode.ERROR);
            Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
            if (cause != null) {
                TraceContext.fail(span, cause);
            }
        }
    }

    private void record(KafkaEndpoint endpoint, Exchange exchange) {
        Message message = exchange.getMessage();
        String topic = message.getHeader(KafkaHeaders.TOPIC, String.class);
        SpanBuilder builder = tracer.spanBuilder("process " + topic).setSpanKind(SpanKind.CONSUMER);
        MessagingAttributes.describe(builder, "process", topic);
        builder.setAttribute(
                MessagingAttributes.GROUP, endpoint.getConfiguration().getGroupId());
        Span span = Span.fromContext(begin(exchange, builder, InboundSpans::describeResult));
        MessagingAttributes.position(
                span,
                message.getHeader(KafkaHeaders.PARTITION, Integer.class),
                message.getHeader(KafkaHeaders.OFFSET, Long.class));
        MessagingAttributes.key(span, message.getHeader(KafkaHeaders.KEY));
    }

    private static void describeResult(Span span, Exchange exchange) {
        span.setAttribute(MessagingAttributes.MESSAGE, exchange.getProperty(RequestValidator.MESSAGE_ID, String.class));
        Throwable cause = exchange.getException() == null
                        && exchange.getExchangeExtension().isFailureHandled()
                ? exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class)
                : exchange.getException();
        if (cause != null) {
            TraceContext.fail(span, cause);
        }
    }

    /**
     * Starts a span that ends with the exchange, because the response is sent after the route. Stopping the program is
     * not an error.
     */
    private static Context begin(Exchange exchange, SpanBuilder builder, BiConsumer<Span, Exchange> describe) {
        Span span = builder.setParent(TraceContext.read(exchange.getMessage())).startSpan();
        Context context = Context.root().with(span);
        TraceContext.begin(exchange, context);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                describe.accept(span, done);
                span.end();
            }
        });
        return context;
    }
}
