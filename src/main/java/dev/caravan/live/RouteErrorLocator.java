package dev.caravan.live;

import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.Route;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.reifier.ProcessorReifier;
import org.apache.camel.support.PluginHelper;

/**
 * Finds the innermost step of a route that cannot be created. Camel's exception names the outermost one.
 *
 * @param line as Camel counts it
 * @param key the step's key
 * @param file the file of the step; for a step of a route configuration it differs from the route's file
 */
record RouteErrorLocator(int line, String key, Optional<String> file) {

    static RouteErrorLocator of(CamelContext context, RouteDefinition definition) {
        Route route;
        try {
            route = PluginHelper.getRouteFactory(context)
                    .createRoute(
                            context,
                            definition,
                            definition.getRouteId(),
                            null,
                            null,
                            context.getEndpoint(CandidateRoutes.uri(definition)),
                            definition.getResource());
            // The context in which nested steps are created. Without it every nested step would seem to fail.
            route.setErrorHandlerFactory(definition.getErrorHandlerFactory());
        } catch (Throwable e) {
            return at(definition);
        }
        return innermost(route, definition.getOutputs()).orElseGet(() -> at(definition));
    }

    private static RouteErrorLocator at(RouteDefinition definition) {
        return new RouteErrorLocator(
                definition.getInput().getLineNumber(),
                "from",
                Optional.ofNullable(definition.getInput().getLocation()));
    }

    private static Optional<RouteErrorLocator> innermost(Route route, List<ProcessorDefinition<?>> steps) {
        for (ProcessorDefinition<?> step : steps) {
            if (isPart(step) || fails(route, step)) {
                Optional<RouteErrorLocator> inner = innermost(route, step.getOutputs());
                // A part cannot be created alone, so its failure tells nothing unless one of its steps fails too.
                if (inner.isPresent() || !isPart(step)) {
                    return inner.or(() -> Optional.of(new RouteErrorLocator(
                            step.getLineNumber(), step.getShortName(), Optional.ofNullable(step.getLocation()))));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean fails(Route route, ProcessorDefinition<?> step) {
        try {
            ProcessorReifier.reifier(route, step).createProcessor();
            return false;
        } catch (Throwable e) {
            return true;
        }
    }

    /** Whether the step is a part of a choice, of a try, or of the policies around all steps. */
    private static boolean isPart(ProcessorDefinition<?> step) {
        return step.isAbstract()
                || List.of("when", "otherwise", "doCatch", "doFinally").contains(step.getShortName());
    }

    /** The reason without Camel's surrounding sentence. */
    static EndpointMistakes mistakes(Throwable e) {
        return EndpointMistakes.of(
                e,
                InvalidRouteFileException.reason(
                        e instanceof FailedToCreateRouteException && e.getCause() != null ? e.getCause() : e));
    }
}
