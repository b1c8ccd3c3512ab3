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
 * Where an exchange stands in its trace. It is kept with the exchange, never with the thread: an event loop serves many requests
 * at once, and an exchange goes on on other threads.
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

    /** What the next span is a child of: the span that the exchange is in, else the one that its message names, else none. */
    static Context of(Exchange exchange) {
        Context here = exchange.getProperty(PROPERTY, Context.class);
        return here == null ? named(exchange.getMessage()) : here;
    }

    /** The span that the headers {@code traceparent} and {@code tracestate} name. */
    static Context named(Message message) {
        return W3C.extract(Context.root(), message, HEADERS);
    }

    static void enter(Exchange exchange, Context place) {
        exchange.setProperty(PROPERTY, place);
    }

    /** From the way in on: what is logged and answered of the exchange names its trace. */
    static void begin(Exchange exchange, Context place) {
        enter(exchange, place);
        W3C.inject(place, exchange, (carrier, name, value) -> {
            if (name.equals(TraceParent.HEADER)) {
                carrier.setProperty(TraceParent.PROPERTY, value);
            }
        });
    }

    /** Whoever gets this message is a child of that place. */
    static void write(Message message, Context place) {
        W3C.inject(place, message, Message::setHeader);
    }

    /** Its kind and never its text, which may quote what a user sent. */
    static void fail(Span span, Throwable failure) {
        span.setStatus(StatusCode.ERROR);
        span.setAttribute(
                ERROR,
                failure instanceof ProblemException problemException
                        ? problemException.type()
                        : failure.getClass().getName());
    }
}
