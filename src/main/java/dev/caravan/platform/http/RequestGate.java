package dev.caravan.platform.http;

import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Grant;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * Checks every request of the business port before any route or handler, including those added later: the origin of a
 * page, the number of requests in flight, the {@code Host}, and the caller's token.
 */
public final class RequestGate {

    private static final String CALLER = RequestGate.class.getName();
    private static final Set<HttpMethod> WITH_FORMS =
            Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE);
    private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE);
    private static final Set<String> ALLOWED_HEADERS = Set.of(
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "Message-ID",
            "Last-Event-ID",
            "traceparent",
            "tracestate");
    private static final Set<String> EXPOSED_HEADERS =
            Set.of("Location", "Message-ID", "Link", "Retry-After", "Allow", "traceparent");

    private static final String SLOT = RequestGate.class.getName() + ".slot";

    /**
     * The caller of a request that has passed.
     *
     * @param grant lazy, because few routes need it
     */
    private record PassedRequest(Caller caller, Supplier<Grant> grant) {}

    private static final Pattern ATTRIBUTE = Pattern.compile("\\bce-[a-zA-Z0-9]{1,64}\\b");
    private static final ProblemException WRONG_HOST = ProblemException.of(
            403, "forbidden", "The Host header names another server; HTTP_HOSTS allows further names.");

    private final Authenticator authenticator;
    private final HostNames hosts;
    private final int maxRequests;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean running;

    private RequestGate(Authenticator authenticator, Limits limits) {
        this.authenticator = authenticator;
        this.maxRequests = limits.requests();
        this.hosts = limits.hosts();
    }

    /**
     * Adds it to the business port's router before all routes, and {@link FallbackHandler} behind them.
     *
     * @param open answers the requests that need no token, and passes all others on
     */
    public static RequestGate attachTo(
            CamelContext context, int port, Limits limits, Optional<Handler<RoutingContext>> open) {
        VertxPlatformHttpRouter router =
                VertxPlatformHttpRouter.lookup(context, VertxPlatformHttpRouter.getRouterNameFromPort(port));
        RequestGate gate = new RequestGate(context.getRegistry().findSingleByType(Authenticator.class), limits);
        FallbackHandler.attachTo(router);
        if (!limits.origins().isEmpty()) {
            router.route().order(Integer.MIN_VALUE).handler(cors(limits.origins()));
        }
        router.route().order(Integer.MIN_VALUE).handler(gate::admit);
        open.ifPresent(handler -> router.route().order(Integer.MIN_VALUE).handler(handler));
        router.route().order(Integer.MIN_VALUE).handler(gate::authenticate);
        return gate;
    }

    /** Never allows credentials: pages send tokens in a header, not in cookies. */
    private static Handler<RoutingContext> cors(List<String> origins) {
        CorsHandler cors = CorsHandler.create()
                .addOrigins(origins)
                .allowedMethods(METHODS)
                .allowedHeaders(ALLOWED_HEADERS)
                .exposedHeaders(EXPOSED_HEADERS);
        return request -> {
            if (isOwn(request.request())) {
                request.next();
                return;
            }
            if (request.request().method() == HttpMethod.OPTIONS) {
                request.addHeadersEndHandler(headers -> allowAttributes(request));
            }
            cors.handle(request);
        };
    }

    /** Allows the requested {@code ce-} headers, because attributes of CloudEvents may have any name. */
    private static void allowAttributes(RoutingContext request) {
        String allowed = request.response().headers().get(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS);
        String requested = request.request().getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
        if (allowed == null || requested == null) {
            return;
        }
        String attributes = ATTRIBUTE
                .matcher(requested)
                .results()
                .map(found -> "," + found.group())
                .collect(Collectors.joining());
        request.response().putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, allowed + attributes);
    }

    /** Whether the request has no origin or comes from a page of this server. */
    private static boolean isOwn(HttpServerRequest request) {
        String origin = request.getHeader("Origin");
        return origin == null || origin.replaceFirst("^https?://", "").equals(authority(request));
    }

    /** The value of {@code Host}, or of the field that replaces it in HTTP/2; null if there is none. */
    private static String authority(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            return request.getHeader(HttpHeaders.HOST);
        }
        HostAndPort authority = request.authority();
        return authority == null ? null : authority.toString();
    }

    /** Called when the routes run; until then every request gets 503. */
    public void routesRun() {
        running = true;
    }

    /** Called when the program stops: new requests get 503, running ones get their answers. */
    public void routesStop() {
        running = false;
    }

    private void admit(RoutingContext request) {
        if (requests.incrementAndGet() > maxRequests || !running) {
            requests.decrementAndGet();
            request.fail(503);
            return;
        }
        RequestSlot slot = new RequestSlot(requests);
        request.put(SLOT, slot);
        request.addEndHandler(ended -> slot.requestEnds());
        String type = request.request().getHeader("Content-Type");
        // No route accepts files, and Camel's body handler would write each part to disk first.
        if (type != null && type.regionMatches(true, 0, "multipart/", 0, 10)) {
            request.fail(415);
            return;
        }
        // With authentication on, the token protects: a page of another site does not have it.
        if (!authenticator.isEnabled() && !hosts.contain(authority(request.request()))) {
            FallbackHandler.refuse(request, WRONG_HOST);
            return;
        }
        String coding = request.request().getHeader(HttpHeaders.CONTENT_ENCODING);
        if (coding != null && !coding.equalsIgnoreCase("identity")) {
            request.response().putHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
            FallbackHandler.refuse(request, unsupported(coding));
            return;
        }
        if (type != null && !WITH_FORMS.contains(request.request().method())) {
            // Vert.x fails on a form with another method, whose body has no meaning.
            request.request().headers().remove("Content-Type");
        }
        request.next();
    }

    private void authenticate(RoutingContext request) {
        authenticate(authenticator, request, request::next);
    }

    private static ProblemException unsupported(String coding) {
        return ProblemException.of(
                415,
                "unsupported-media-type",
                "The coding " + (coding.length() > 20 ? coding.substring(0, 20) + "…" : coding)
                        + " of the body is not supported; send it without Content-Encoding.");
    }

    /** Continues the request once its caller is authenticated; at once if it already was. */
    static void authenticate(Authenticator authenticator, RoutingContext request, Runnable next) {
        if (request.get(CALLER) != null) {
            next.run();
            return;
        }
        Future<Caller> caller = authenticator.caller(request);
        boolean waits = !caller.isComplete();
        if (waits) {
            // Otherwise the body would be discarded before a route reads it.
            request.request().pause();
        }
        caller.onComplete(found -> {
            if (waits && !request.request().isEnded()) {
                request.request().resume();
            }
            if (found.failed()) {
                FallbackHandler.refuse(request, found.cause());
                return;
            }
            Caller known = found.result();
            request.put(CALLER, new PassedRequest(known, () -> authenticator.grant(request, known)));
            next.run();
        });
    }

    /** Called when a route begins. Its request then counts until the route ends, even if the client cancels it. */
    static void routeBegins(RoutingContext request) {
        slot(request).ifPresent(RequestSlot::routeBegins);
    }

    static void routeEnds(RoutingContext request) {
        slot(request).ifPresent(RequestSlot::routeEnds);
    }

    /** Empty under "camel run", where no gate is before the routes. */
    private static Optional<RequestSlot> slot(RoutingContext request) {
        return Optional.ofNullable(request.get(SLOT));
    }

    /**
     * Called when the answer becomes a stream: HTTP_MAX_REQUESTS no longer counts the request, and its connection is
     * never idle.
     */
    static void beginStream(RoutingContext request) {
        slot(request).ifPresent(RequestSlot::requestEnds);
        ConnectionTimeouts.streamBegan(request);
    }

    /** The grant of the token or ticket of a request that has passed. */
    static Supplier<Grant> grant(RoutingContext request) {
        PassedRequest passed = request.get(CALLER);
        return passed.grant();
    }

    /** The caller of a request that has passed; null if authentication is off. */
    static Caller caller(RoutingContext request) {
        PassedRequest passed = request.get(CALLER);
        return passed.caller();
    }
}
