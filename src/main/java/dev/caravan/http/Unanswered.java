package dev.caravan.http;

import dev.caravan.edge.Json;
import dev.caravan.edge.Problem;
import dev.caravan.edge.ProblemAnswer;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * Answers what no route answers, as a problem like all others: an unknown path 404, a known path with a wrong method 405
 * with {@code Allow}, a media type that the route does not take 415, and what the server itself refuses (400, 408, 413, 414,
 * 431, 503). Before a request reaches a route it stands here: it is let in, or not, by its origin and by how many there are.
 */
public final class Unanswered {

    private static final int RETRY_AFTER_SECONDS = 2;
    private static final Problem UNSUPPORTED =
            Problem.of(415, "unsupported-media-type", "This path does not take that media type.");

    private static final CharSequence OPTIONS = HttpHeaders.createOptimized("X-Content-Type-Options");
    private static final CharSequence NO_SNIFF = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");

    private static final Set<HttpMethod> WITH_FORMS =
            Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE);
    private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE);
    private static final Set<String> ASKED =
            Set.of("Authorization", "Content-Type", "Idempotency-Key", "Message-ID", "Last-Event-ID", "traceparent");
    private static final Set<String> EXPOSED =
            Set.of("Location", "Message-ID", "Link", "Retry-After", "Allow", "traceparent");

    private final Router router;
    private final Handler<RoutingContext> origins;
    private final int maxRequests;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean running;

    private Unanswered(Router router, Limits limits) {
        this.router = router;
        this.maxRequests = limits.requests();
        this.origins = limits.origins().isEmpty() ? RoutingContext::next : cors(limits.origins());
    }

    /** Tokens are sent in a header that a page's own script sets, so no answer ever says that cookies may come along. */
    private static Handler<RoutingContext> cors(List<String> origins) {
        CorsHandler cors = CorsHandler.create()
                .addOrigins(origins)
                .allowedMethods(METHODS)
                .allowedHeaders(ASKED)
                .exposedHeaders(EXPOSED);
        return request -> {
            if (isOwn(request.request())) {
                request.next();
            } else {
                cors.handle(request);
            }
        };
    }

    /** Attaches it behind all routes of the business port, those included that are loaded later. */
    public static Unanswered attachTo(CamelContext context, int port, Limits limits) {
        VertxPlatformHttpRouter router =
                VertxPlatformHttpRouter.lookup(context, VertxPlatformHttpRouter.getRouterNameFromPort(port));
        Unanswered unanswered = new Unanswered(router, limits);
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
        guard(request.response());
        if (requests.incrementAndGet() > maxRequests) {
            requests.decrementAndGet();
            request.fail(503);
            return;
        }
        request.addEndHandler(ended -> requests.decrementAndGet());
        String type = request.request().getHeader("Content-Type");
        // No route takes files, and Camel's body handler would write each part to disk before a route could say so.
        if (!running) {
            request.fail(503);
        } else if (type != null && type.regionMatches(true, 0, "multipart/", 0, 10)) {
            request.fail(415);
        } else {
            if (type != null && !WITH_FORMS.contains(request.request().method())) {
                // Vert.x fails on a form that comes with another method; there the body means nothing.
                request.request().headers().remove("Content-Type");
            }
            origins.handle(request);
        }
    }

    /** A page of this very server. */
    private static boolean isOwn(HttpServerRequest request) {
        String origin = request.getHeader("Origin");
        return origin == null || origin.replaceFirst("^https?://", "").equals(request.getHeader("Host"));
    }

    /** What every answer says: it is what its Content-Type says, and nobody keeps a copy. */
    private static void guard(HttpServerResponse response) {
        response.putHeader(OPTIONS, NO_SNIFF).putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
    }

    /** What is no HTTP, or more of it than is taken; nothing that follows on its connection can be told apart from it. */
    static void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        refuse(
                request,
                cause instanceof TooLongHttpLineException
                        ? Problem.of(414, "uri-too-long", "The request line is longer than this server takes.")
                        : cause instanceof TooLongHttpHeaderException
                                ? Problem.of(431, "headers-too-large", "The headers are larger than this server takes.")
                                : Problem.malformed("The request is malformed."));
    }

    /** A request that can be read in two ways. */
    static void malformed(HttpServerRequest request) {
        refuse(request, Problem.malformed("The request is malformed."));
    }

    /** What has not come whole in time. */
    static void tooSlow(HttpServerRequest request) {
        refuse(request, Problem.of(408, "too-slow", "The request did not come whole in time."));
    }

    private static void refuse(HttpServerRequest request, Problem problem) {
        HttpServerResponse response = request.response();
        if (!response.headWritten()) {
            guard(response);
            answer(response.putHeader("Connection", "close"), problem);
        }
        request.connection().close();
    }

    private void failed(RoutingContext request) {
        int status = request.statusCode() >= 400 ? request.statusCode() : 500;
        answer(
                request,
                switch (status) {
                    case 403 -> Problem.of(403, "forbidden", "Pages of that origin may not call.");
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
        answer(request.response(), problem);
    }

    private static void answer(HttpServerResponse response, Problem problem) {
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
