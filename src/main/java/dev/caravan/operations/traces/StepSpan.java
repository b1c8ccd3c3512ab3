package dev.caravan.operations.traces;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.context.Context;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

/** Runs a step of a route within a span. The span ends with the step, on any thread. */
final class StepSpan extends AsyncProcessorSupport {

    interface Kind {

        SpanBuilder begin(Exchange exchange);

        /** Called once the span is the current one of the exchange. */
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
        Context parent = TraceContext.of(exchange);
        Span span = kind.begin(exchange).setParent(parent).startSpan();
        TraceContext.set(exchange, parent.with(span));
        kind.begun(span, exchange);
        return step.process(exchange, doneSync -> {
            kind.done(span, exchange);
            if (exchange.getException() != null) {
                TraceContext.fail(span, exchange.getException());
            }
            span.end();
            TraceContext.set(exchange, parent);
            callback.done(doneSync);
        });
    }
}
