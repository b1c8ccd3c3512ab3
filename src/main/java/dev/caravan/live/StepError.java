package dev.caravan.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.LineNumberAware;
import org.apache.camel.Route;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.reifier.ProcessorReifier;
import org.apache.camel.support.PluginHelper;

/**
 * An innermost step of a route that cannot be created. Camel's exception names only the outermost one.
 *
 * @param line as Camel counts it
 * @param key the step's key in YAML
 * @param file the location of the step's file; for a step of a route configuration it differs from the route's file
 */
record StepError(int line, String key, Optional<String> file, Throwable failure) {

    /** @param failure of the whole route, which is that of its first wrong step */
    static List<StepError> of(CamelContext context, RouteDefinition definition, Throwable failure) {
        List<StepError> errors = new ArrayList<>();
        try {
            Route route = PluginHelper.getRouteFactory(context)
                    .createRoute(
                            context,
                            definition,
                            definition.getRouteId(),
                            null,
                            null,
                            context.getEndpoint(CandidateRoutes.uri(definition)),
                            definition.getResource());
            // Nested steps are created with it. Without it each of them would fail.
            route.setErrorHandlerFactory(definition.getErrorHandlerFactory());
            addInnermost(errors, route, definition.getOutputs());
        } catch (Throwable e) {
            return List.of(at(definition.getInput(), "from", failure));
        }
        if (errors.isEmpty()) {
            return List.of(at(definition.getInput(), "from", failure));
        }
        // A second attempt may fail for another reason than the first one, as when a class cannot be initialized.
        StepError first = errors.get(0);
        errors.set(0, new StepError(first.line(), first.key(), first.file(), failure));
        return errors;
    }

    private static StepError at(LineNumberAware node, String key, Throwable failure) {
        return new StepError(node.getLineNumber(), key, Optional.ofNullable(node.getLocation()), failure);
    }

    private static void addInnermost(List<StepError> errors, Route route, List<ProcessorDefinition<?>> steps) {
        for (ProcessorDefinition<?> step : steps) {
            // A part cannot be created alone, so only failures of its steps count.
            Optional<Throwable> failure = isPart(step) ? Optional.empty() : failure(route, step);
            if (isPart(step) || failure.isPresent()) {
                int known = errors.size();
                addInnermost(errors, route, step.getOutputs());
                if (errors.size() == known) {
                    failure.ifPresent(e -> errors.add(at(step, step.getShortName(), e)));
                }
            }
        }
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
}
