package dev.caravan.platform.http;

import dev.caravan.platform.edge.HttpHeaderPolicy;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Grant;
import io.vertx.core.Context;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.model.ModelCamelContext;

/**
 * A {@code GET} path of the business port whose consumer writes the response itself. As for every operation, callers
 * are authenticated before the consumer, requests wait while an edit replaces the route, and the path is removed with
 * its route.
 */
public final class MountedPath {

    private static final String METHOD = "GET";

    private final CamelContext context;
    private final String path;
    private final Consumer<Entry> consumer;
    private final Runnable unmounted;
    private final RequestMapper requestMapper = new RequestMapper(new HttpHeaderPolicy());
    private final Runnable unmount = this::unmount;
    private DrainingProcessor drainingProcessor;
    private Parameters parameters;
    private Route route;

    /**
     * @param path the path, with {@code {name}} for a variable segment
     * @param consumer called on the event loop of the request's connection; it must call {@link Entry#leave}
     * @param unmounted called when this consumer no longer serves the path; another one may already serve it
     */
    public MountedPath(CamelContext context, String path, Consumer<Entry> consumer, Runnable unmounted) {
        this.context = context;
        this.path = path;
        this.consumer = consumer;
        this.unmounted = unmounted;
    }

    public static String operation(String path) {
        return METHOD + " " + path;
    }

    /** Called when the server has ended a stream. Its client should not reconnect to this process. */
    public static void streamEnded(RoutingContext request) {
        RequestGate.streamEnded(request);
    }

    /** Directs requests of this path to this consumer instead of the previous one. */
    public void mount() {
        AsyncHttpEngine asyncHttpEngine = AsyncHttpEngine.of(context);
        asyncHttpEngine.followRemovals(context);
        drainingProcessor = asyncHttpEngine.drainingProcessors().of(operation(path));
        parameters = Parameters.of((ModelCamelContext) context, METHOD, path);
        drainingProcessor.setRoute(this::admit);
        Runnable previous = drainingProcessor.mount(unmount);
        if (previous == unmount) {
            // The same consumer was stopped and starts again.
            return;
        }
        Authenticator authenticator = context.getRegistry().findSingleByType(Authenticator.class);
        VertxPlatformHttpRouter router = VertxPlatformHttpRouter.lookup(
                context, VertxPlatformHttpRouter.getRouterNameFromPort(asyncHttpEngine.getServerPort()));
        route = router.route(path.replaceAll("\\{([^}]+)}", ":$1"))
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                // Under "camel run" there is no RequestGate before the routes.
                .handler(request -> RequestGate.authenticate(authenticator, request, () -> enter(request)));
        if (previous != null) {
            previous.run();
        }
    }

    private void unmount() {
        route.remove();
        unmounted.run();
    }

    private void enter(RoutingContext request) {
        Context loop = request.vertx().getOrCreateContext();
        var handler = drainingProcessor.enter(() -> loop.runOnContext(opened -> enter(request)));
        if (handler != null) {
            handler.accept(request);
        }
    }

    private void admit(RoutingContext request) {
        consumer.accept(new Entry(request));
    }

    /** A request that has reached its consumer. */
    public final class Entry {

        private final RoutingContext request;

        private Entry(RoutingContext request) {
            this.request = request;
        }

        public RoutingContext request() {
            return request;
        }

        /** Null if authentication is off. */
        public Caller caller() {
            return RequestGate.caller(request);
        }

        public Supplier<Grant> grant() {
            return RequestGate.grant(request);
        }

        /** Sets headers, query parameters and path parameters as for routes. */
        public void fill(Exchange exchange) {
            requestMapper.headers(request, parameters, exchange, exchange.getMessage());
        }

        /** Called when the consumer has answered, or has begun a stream that no longer needs its route. */
        public void leave() {
            drainingProcessor.leave();
        }

        /** Called when the answer becomes a stream, which the limits of requests and idle connections do not count. */
        public void outlive() {
            RequestGate.outlive(request);
        }

        public void refuse(Throwable cause) {
            FallbackHandler.refuse(request, cause);
        }

        /** Answers 503 because the route is stopped or suspended. */
        public void refuseStopped(boolean suspended) {
            refuse(suspended ? AsyncHttpEngine.ROUTE_SUSPENDED : AsyncHttpEngine.ROUTE_STOPPED);
        }
    }
}
