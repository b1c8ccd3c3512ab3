package dev.caravan.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.Route;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.reifier.ProcessorReifier;
import org.apache.camel.support.PluginHelper;

/**
 * Finds the innermost steps of a route that cannot be created. Camel's exception names the outermost one.
 *
 * @param line as Camel counts it
 * @param key the step's key
 * @param file the file of the step; for a step of a route configuration it differs from the route's file
 * @param failure why it cannot be created
 */
record RouteErrorLocator(int line, String key, Optional<String> file, Throwable failure) {

    /** @param failure of the whole route; that of its first step */
    static List<RouteErrorLocator> of(CamelContext context, RouteDefinition definition, Throwable failure) {
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
            return List.of(at(definition, failure));
        }
        List<RouteErrorLocator> steps = innermost(route, definition.getOutputs());
        return steps.isEmpty()
                ? List.of(at(definition, failure))
                : Stream.concat(
                                Stream.of(steps.get(0).because(failure)),
                                steps.stream().skip(1))
                        .toList();
    }

    private RouteErrorLocator because(Throwable reason) {
        return new RouteErrorLocator(line, key, file, reason);
    }

    private static RouteErrorLocator at(RouteDefinition definition, Throwable failure) {
        return new RouteErrorLocator(
                definition.getInput().getLineNumber(),
                "from",
                Optional.ofNullable(definition.getInput().getLocation()),
                failure);
    }

    private static List<RouteErrorLocator> innermost(Route route, List<ProcessorDefinition<?>> steps) {
        List<RouteErrorLocator> all = new ArrayList<>();
        for (ProcessorDefinition<?> step : steps) {
            // A part cannot be created alone, so its failure tells nothing unless one of its steps fails too.
            Optional<Throwable> failure = isPart(step) ? Optional.empty() : failure(route, step);
            if (isPart(step) || failure.isPresent()) {
                List<RouteErrorLocator> inner = innermost(route, step.getOutputs());
                all.addAll(inner);
                if (inner.isEmpty()) {
                    failure.ifPresent(e -> all.add(new RouteErrorLocator(
                            step.getLineNumber(), step.getShortName(), Optional.ofNullable(step.getLocation()), e)));
                }
            }
        }
        return all;
    }

    private static Optional<Throwable> failure(Route route, ProcessorDefinition<?> step) {
        try {
            ProcessorReifier.reifier(route, step).createProcessor();
            return Optional.empty();
        } catch (Throwable e) {
            return Optional.of(e);
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
