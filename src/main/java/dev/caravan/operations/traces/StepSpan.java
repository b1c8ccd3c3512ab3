package dev.caravan.operations.traces;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.context.Context;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/** A span around one step of a route. It ends with the step, on any thread. */
final class StepSpan extends AsyncProcessorSupport {

    interface Kind {

        SpanBuilder begin(Exchange exchange);

        /** Called after the exchange has entered the span. */
        default void begun(Span span, Exchange exchange) {}

        default void done(Span span, Exchange exchange) {}
    }

    private final AsyncProcessor step;
    private final Kind kind;

    StepSpan(AsyncProcessor step, Kind kind) {
        this.step = step;
        this.kind = kind;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Context around = TraceContext.of(exchange);
        Span span = kind.begin(exchange).setParent(around).startSpan();
        TraceContext.enter(exchange, around.with(span));
        kind.begun(span, exchange);
        return step.process(exchange, doneSync -> {
            kind.done(span, exchange);
            if (exchange.getException() != null) {
                TraceContext.fail(span, exchange.getException());
            }
            span.end();
            TraceContext.enter(exchange, around);
            callback.done(doneSync);
        });
    }
}
