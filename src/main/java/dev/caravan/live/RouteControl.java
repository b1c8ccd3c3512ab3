package dev.caravan.live;

import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.security.Authenticator;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.RouteController;

/**
 * Stops, starts, suspends or resumes a route; what is in flight in it is finished first. A stopped HTTP route is not there any
 * more, a suspended one answers 503. It waits while an edit replaces routes. The routes by which this is asked cannot be changed by it.
 */
public final class RouteControl implements Processor {

    private interface Action {
        void on(RouteController controller, String id) throws Exception;
    }

    private static final Map<String, Action> ACTIONS = Map.of(
            "stop", RouteController::stopRoute,
            "start", RouteController::startRoute,
            "suspend", RouteController::suspendRoute,
            "resume", RouteController::resumeRoute);

    /** @throws ProblemException 404 for an unknown route or action, 409 for these routes themselves, 503 when others take too long */
    @Override
    public void process(Exchange exchange) throws Exception {
        String id = exchange.getMessage().getHeader("id", String.class);
        Action action = ACTIONS.get(exchange.getMessage().getHeader("action", String.class));
        Route route = exchange.getContext().getRoute(id);
        if (route == null || action == null) {
            throw ProblemException.notFound("There is no such route, or nothing of that name to do with it.");
        }
        if ("routes".equals(route.getGroup())) {
            throw ProblemException.of(409, "protected", "The routes that control the others stay as they are.");
        }
        OperatedRoutes routes = (OperatedRoutes) exchange.getContext().getRouteController();
        String who = exchange.getProperty(Authenticator.WHO, "anonymous", String.class);
        try {
            routes.by(who, "rest", () -> action.on(routes, id));
        } catch (TimeoutException e) {
            throw ProblemException.of(503, "busy", e.getMessage());
        }
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(null);
    }
}
