package dev.caravan.operations.traces;

import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.TraceParent;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The trace context of an exchange. It is stored in the exchange instead of the thread, because an event loop serves
 * many requests at once and an exchange moves between threads.
 */
final class TraceContext {

    private static final String PROPERTY = "CaravanTrace";
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

    private static final TextMapGetter<Message> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Message message) {
            return message.getHeaders().keySet();
        }

        @Override
        public String get(Message message, String name) {
            return message.getHeader(name, String.class);
        }
    };

    private TraceContext() {}

    /** The parent of the next span: the current span of the exchange, else the span in the headers, else none. */
    static Context of(Exchange exchange) {
        Context current = exchange.getProperty(PROPERTY, Context.class);
        return current == null ? read(exchange.getMessage()) : current;
    }

    /** The span in the headers {@code traceparent} and {@code tracestate}. */
    static Context read(Message message) {
        return W3C.extract(Context.root(), message, HEADERS);
    }

    static void set(Exchange exchange, Context context) {
        exchange.setProperty(PROPERTY, context);
    }

    /** Sets the first context of an exchange. Its log lines and response then contain the trace. */
    static void begin(Exchange exchange, Context context) {
        set(exchange, context);
        W3C.inject(context, exchange, (carrier, name, value) -> {
            if (name.equals(TraceParent.HEADER)) {
                carrier.setProperty(TraceParent.PROPERTY, value);
            }
        });
    }

    /** Writes the context to the headers, so that the receiver's span becomes its child. */
    static void write(Message message, Context context) {
        W3C.inject(context, message, Message::setHeader);
    }

    /** Records the exception's class, not its text, which may contain user data. */
    static void fail(Span span, Throwable failure) {
        span.setStatus(StatusCode.ERROR);
        span.setAttribute(
                ERROR,
                failure instanceof ProblemException problem
                        ? problem.type()
                        : failure.getClass().getName());
    }
}
