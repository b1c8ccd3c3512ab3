package dev.caravan.platform.reliability;

import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Stores the step in which an exchange failed, because Camel keeps it only until the step ends. Steps of HTTP routes are
 * not wrapped: the client gets their failures, and the wrapper would slow down every request.
 */
public final class FailedNode implements InterceptStrategy {

    private static final String FAILURE_POINT = "CaravanFailedNode";
    private static final int LENGTH = 200;

    /** Where an attempt failed; {@code node} is empty if it failed before the first step. */
    record FailurePoint(String route, String node) {}

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor nextTarget) {
        RouteDefinition route = ProcessorDefinitionHelper.getRoute(definition);
        if (route == null || isHttp(route)) {
            return target;
        }
        String text = text(definition);
        FailurePoint failurePoint =
                new FailurePoint(route.getRouteId(), text.length() <= LENGTH ? text : text.substring(0, LENGTH) + "…");
        return new RecordFailedNode(target, failurePoint);
    }

    /** Camel's label of an endpoint step repeats the step's name: {@code to[sql:…]}. */
    private static String text(NamedNode definition) {
        String name = definition.getShortName();
        String label = definition.getLabel();
        return label.startsWith(name + "[")
                ? name + " " + label.substring(name.length() + 1, label.length() - 1)
                : name + " " + label;
    }

    private static boolean isHttp(RouteDefinition route) {
        String configurations = route.getRouteConfigurationId();
        return route.isCreatedFromRest() == Boolean.TRUE || configurations != null && configurations.contains("http");
    }

    /** Returns and clears the failed step. */
    static FailurePoint take(Exchange exchange) {
        return exchange.removeProperty(FAILURE_POINT) instanceof FailurePoint failurePoint
                ? failurePoint
                : new FailurePoint(exchange.getFromRouteId(), "");
    }

    private static final class RecordFailedNode extends DelegateAsyncProcessor {

        private final FailurePoint failurePoint;

        RecordFailedNode(Processor target, FailurePoint failurePoint) {
            super((AsyncProcessor) AsyncProcessorConverterHelper.convert(target));
            this.failurePoint = failurePoint;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            return processor.process(exchange, doneSync -> {
                // The innermost step ends first.
                if (exchange.getException() != null && exchange.getProperty(FAILURE_POINT) == null) {
                    exchange.setProperty(FAILURE_POINT, failurePoint);
                }
                callback.done(doneSync);
            });
        }
    }
}
