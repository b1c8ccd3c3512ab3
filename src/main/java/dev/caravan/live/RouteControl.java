package dev.caravan.live;

import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.security.Authenticator;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.RouteController;
import org.apache.camel.util.function.ThrowingBiConsumer;

/**
 * Stops, starts, suspends or resumes a route. Its current messages finish first, and the action waits while an edit
 * replaces routes. The path of a stopped or suspended HTTP route answers 503. The routes of this API are protected.
 */
public final class RouteControl implements Processor {

    private static final Map<String, ThrowingBiConsumer<RouteController, String, Exception>> ACTIONS = Map.of(
            "stop", RouteController::stopRoute,
            "start", RouteController::startRoute,
            "suspend", RouteController::suspendRoute,
            "resume", RouteController::resumeRoute);

    /**
     * @throws ProblemException 404 for an unknown route or action, 409 for a protected route, 503 if the wait takes too
     *     long
     */
    @Override
    public void process(Exchange exchange) throws Exception {
        String id = exchange.getMessage().getHeader("id", String.class);
        ThrowingBiConsumer<RouteController, String, Exception> action =
                ACTIONS.get(exchange.getMessage().getHeader("action", String.class));
        Route route = exchange.getContext().getRoute(id);
        if (route == null || action == null) {
            throw ProblemException.notFound("There is no such route or no such action.");
        }
        if ("routes".equals(route.getGroup())) {
            throw ProblemException.of(409, "protected", "The routes that control the others stay as they are.");
        }
        AuditedRouteController routes =
                (AuditedRouteController) exchange.getContext().getRouteController();
        String who = exchange.getProperty(Authenticator.CALLER_NAME, "anonymous", String.class);
        try {
            routes.by(who, "rest", () -> action.accept(routes, id));
        } catch (TimeoutException e) {
            throw ProblemException.of(503, "busy", e.getMessage());
        }
        FlowEvents.wake(exchange.getContext());
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(null);
    }
}
