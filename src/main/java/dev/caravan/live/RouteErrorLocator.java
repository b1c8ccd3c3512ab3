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
 * The place in a route that keeps it from being made: the innermost step that cannot be made by itself. Camel's exception names
 * the outermost one.
 *
 * @param line as Camel counts it
 * @param key of the step
 * @param file where the step is written, which for one of a route configuration is another file than the route's
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
            // What steps within a step are made with; without it each of them seems to be the culprit.
            route.setErrorHandlerFactory(definition.getErrorHandlerFactory());
        } catch (OutOfMemoryError e) {
            throw e;
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
                // A part cannot be made alone, so one without a culprit in it tells nothing.
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
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (Throwable e) {
            return true;
        }
    }

    /** Of a choice, of a try, or of what a policy puts around all steps. */
    private static boolean isPart(ProcessorDefinition<?> step) {
        return step.isAbstract()
                || List.of("when", "otherwise", "doCatch", "doFinally").contains(step.getShortName());
    }

    /** What went wrong; of Camel's sentence around it nothing but the reason. */
    static String words(Throwable e) {
        return InvalidRouteFileException.reason(
                e instanceof FailedToCreateRouteException && e.getCause() != null ? e.getCause() : e);
    }
}
