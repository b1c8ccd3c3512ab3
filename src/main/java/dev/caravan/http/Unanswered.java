package dev.caravan.http;

import dev.caravan.edge.Json;
import dev.caravan.edge.Problem;
import dev.caravan.edge.ProblemAnswer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * Answers what no route answers, as a problem like all others: an unknown path 404, a known path with a wrong method 405
 * with {@code Allow}, a media type that the route does not take 415, and what the server itself refuses (413, 400).
 */
public final class Unanswered {

    private static final int RETRY_AFTER_SECONDS = 2;
    private static final Problem UNSUPPORTED =
            Problem.of(415, "unsupported-media-type", "This path does not take that media type.");

    private final Router router;
    private volatile boolean running;

    private static final Set<HttpMethod> WITH_FORMS =
            Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE);

    private Unanswered(Router router) {
        this.router = router;
    }

    /** Attaches it behind all routes of the business port, those included that are loaded later. */
    public static Unanswered attachTo(CamelContext context, int port) {
        VertxPlatformHttpRouter router =
                VertxPlatformHttpRouter.lookup(context, VertxPlatformHttpRouter.getRouterNameFromPort(port));
        Unanswered unanswered = new Unanswered(router);
        router.route().order(-1).failureHandler(unanswered::failed).handler(unanswered::admit);
        router.route().last().handler(unanswered::unmatched);
        return unanswered;
    }

    /** From now on what no route answers is unknown; before, it is not there yet: 503. */
    public void routesRun() {
        running = true;
    }

    /** From now on no request is let in any more; those that are in get their answers. */
    public void routesStop() {
        running = false;
    }

    private void admit(RoutingContext request) {
        request.response().putHeader("X-Content-Type-Options", "nosniff");
        String type = request.request().getHeader("Content-Type");
        // No route takes files, and Camel's body handler would write each part to disk before a route could say so.
        if (!running) {
            request.fail(503);
        } else if (type != null && type.regionMatches(true, 0, "multipart/", 0, 10)) {
            request.fail(415);
        } else {
            if (!WITH_FORMS.contains(request.request().method())) {
                // Vert.x fails on a form that comes with another method; there the body means nothing.
                request.request().headers().remove("Content-Type");
            }
            request.next();
        }
    }

    private void failed(RoutingContext request) {
        int status = request.statusCode() >= 400 ? request.statusCode() : 500;
        answer(
                request,
                switch (status) {
                    case 413 -> Problem.of(413, "too-large", "The body is larger than this server takes.");
                    case 400 -> Problem.malformed("The request is malformed.");
                    case 415 -> UNSUPPORTED;
                    case 503 -> Problem.unavailable("Not available at the moment.", RETRY_AFTER_SECONDS);
                    default -> Problem.of(status, "internal", "The request failed; the program's log says why.");
                });
    }

    private void unmatched(RoutingContext request) {
        Set<String> methods = methods(request.normalizedPath());
        if (methods.isEmpty()) {
            answer(request, Problem.notFound("There is nothing at this path."));
        } else if (methods.contains(request.request().method().name())) {
            answer(request, UNSUPPORTED);
        } else {
            request.response().putHeader("Allow", String.join(", ", methods));
            answer(
                    request,
                    Problem.of(405, "method-not-allowed", "This path takes " + String.join(", ", methods) + "."));
        }
    }

    private Set<String> methods(String path) {
        Set<String> methods = new TreeSet<>();
        for (Route route : router.getRoutes()) {
            if (route.methods() != null
                    && route.getPath() != null
                    && pattern(route.getPath()).matcher(path).matches()) {
                route.methods().forEach(method -> methods.add(method.name()));
            }
        }
        return methods;
    }

    private static Pattern pattern(String path) {
        return Pattern.compile(path.replaceAll(":[^/]+", "[^/]+") + "/?");
    }

    private static void answer(RoutingContext request, Problem problem) {
        HttpServerResponse response = request.response();
        if (response.ended()) {
            return;
        }
        response.setStatusCode(problem.status());
        if (problem.retryAfter() > 0) {
            response.putHeader("Retry-After", Integer.toString(problem.retryAfter()));
        }
        response.putHeader("Content-Type", ProblemAnswer.CONTENT_TYPE);
        response.end(Buffer.buffer(Json.bytes(ProblemAnswer.body(problem))));
    }
}
