package dev.caravan.platform.http;

import dev.caravan.platform.edge.HttpHeaderPolicy;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Grant;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.model.ModelCamelContext;

/**
 * A {@code GET} path of the business port whose consumer writes the response itself. As with every operation, callers
 * are authenticated first, requests wait while an edit replaces the route, and the path is removed with its route.
 */
public final class MountedPath {

    private static final String METHOD = "GET";
    private static final Pattern PARAMETER = Pattern.compile("\\{([^}]+)}");

    private final CamelContext context;
    private final String path;
    private final Consumer<MountedRequest> consumer;
    private final Runnable unmounted;
    private final RequestMapper requestMapper = new RequestMapper(new HttpHeaderPolicy());
    private final Runnable unmount = this::unmount;
    private HttpOperation operation;
    private Parameters parameters;
    private Route route;

    /**
     * @param path the path, with {@code {name}} for a variable segment
     * @param consumer called on the event loop of the request's connection; it must call {@link MountedRequest#leave}
     * @param unmounted called when this consumer no longer serves the path; another consumer may have replaced it
     */
    public MountedPath(CamelContext context, String path, Consumer<MountedRequest> consumer, Runnable unmounted) {
        this.context = context;
        this.path = path;
        this.consumer = consumer;
        this.unmounted = unmounted;
    }

    public static String operation(String path) {
        return METHOD + " " + path;
    }

    /** The names of the path's variable segments. */
    public static List<String> parameters(String path) {
        return PARAMETER.matcher(path).results().map(found -> found.group(1)).toList();
    }

    /** Must be called when the server has ended a stream, so that its client reconnects by another connection. */
    public static void endStream(RoutingContext request) {
        if (request.request().version() != HttpVersion.HTTP_2) {
            request.request().connection().close();
        }
        ConnectionTimeouts.streamEnded(request);
    }

    /** Directs requests of this path to this consumer instead of the previous one. */
    public void mount() {
        AsyncHttpEngine asyncHttpEngine = AsyncHttpEngine.of(context);
        asyncHttpEngine.followRemovals(context);
        operation = asyncHttpEngine.operations().of(operation(path));
        parameters = Parameters.of((ModelCamelContext) context, METHOD, path);
        Runnable previous = operation.mount(request -> consumer.accept(new MountedRequest(request)), unmount);
        if (previous == unmount) {
            // The same consumer restarts.
            return;
        }
        Authenticator authenticator = context.getRegistry().findSingleByType(Authenticator.class);
        VertxPlatformHttpRouter router = VertxPlatformHttpRouter.lookup(
                context, VertxPlatformHttpRouter.getRouterNameFromPort(asyncHttpEngine.getServerPort()));
        route = router.route(PARAMETER.matcher(path).replaceAll(":$1"))
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                // Under "camel run" there is no RequestGate before the routes.
                .handler(request -> RequestGate.authenticate(authenticator, request, () -> operation.accept(request)));
        if (previous != null) {
            previous.run();
        }
    }

    private void unmount() {
        route.remove();
        unmounted.run();
    }

    /** A request that has reached its consumer. */
    public final class MountedRequest {

        private final RoutingContext request;

        private MountedRequest(RoutingContext request) {
            this.request = request;
        }

        public RoutingContext context() {
            return request;
        }

        /** Null if authentication is off. */
        public Caller caller() {
            return RequestGate.caller(request);
        }

        public Supplier<Grant> grant() {
            return RequestGate.grant(request);
        }

        /** Sets headers, query parameters and path parameters as for other routes. */
        public void copyTo(Exchange exchange) {
            requestMapper.headers(request, parameters, exchange, exchange.getMessage());
        }

        /** Must be called when the consumer has answered, or has begun a stream that no longer needs its route. */
        public void leave() {
            operation.leave();
        }

        /** Must be called when the answer becomes a stream: it is exempt from the limits of requests and idle time. */
        public void beginStream() {
            RequestGate.beginStream(request);
        }

        public void refuse(Throwable cause) {
            FallbackHandler.refuse(request, cause);
        }

        /** Answers 503 because the route does not run. */
        public void refuseStopped(boolean suspended) {
            refuse(AsyncHttpEngine.notRunning(suspended));
        }
    }
}
