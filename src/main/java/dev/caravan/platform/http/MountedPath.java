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
 * A path of the business port, read with {@code GET}, whose consumer writes to the response itself. As for every
 * operation, the caller is known before the consumer is reached, requests wait while an edit replaces the route, and
 * the path goes with its route.
 */
public final class MountedPath {

    private static final String METHOD = "GET";

    private final CamelContext context;
    private final String path;
    private final Consumer<Entry> consumer;
    private final Runnable gone;
    private final RequestMapper requestMapper = new RequestMapper(new HttpHeaderPolicy());
    private final Runnable unmount = this::unmount;
    private DrainingProcessor drainingProcessor;
    private Parameters parameters;
    private Route route;

    /**
     * @param path in which {@code {name}} stands for a part
     * @param consumer called on the event loop of the request's connection; it must call {@link Entry#leave}
     * @param gone called when the path is no longer served by this consumer; another one may have taken it over before
     */
    public MountedPath(CamelContext context, String path, Consumer<Entry> consumer, Runnable gone) {
        this.context = context;
        this.path = path;
        this.consumer = consumer;
        this.gone = gone;
    }

    public static String operation(String path) {
        return METHOD + " " + path;
    }

    /** Requests come here from now on, and no longer to the consumer that had this path before. */
    public void mount() {
        AsyncHttpEngine asyncHttpEngine = AsyncHttpEngine.of(context);
        asyncHttpEngine.followRemovals(context);
        drainingProcessor = asyncHttpEngine.doors().of(operation(path));
        parameters = Parameters.of((ModelCamelContext) context, METHOD, path);
        drainingProcessor.lead(this::admit);
        Runnable previous = drainingProcessor.mount(unmount);
        if (previous == unmount) {
            // It was stopped, and starts again.
            return;
        }
        Authenticator authenticator = context.getRegistry().findSingleByType(Authenticator.class);
        VertxPlatformHttpRouter router = VertxPlatformHttpRouter.lookup(
                context, VertxPlatformHttpRouter.getRouterNameFromPort(asyncHttpEngine.getServerPort()));
        route = router.route(path.replaceAll("\\{([^}]+)}", ":$1"))
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                // Under "camel run" nothing else has asked for the token.
                .handler(request -> RequestGate.authenticate(authenticator, request, () -> enter(request)));
        if (previous != null) {
            previous.run();
        }
    }

    private void unmount() {
        route.remove();
        gone.run();
    }

    private void enter(RoutingContext request) {
        Context loop = request.vertx().getOrCreateContext();
        var behind = drainingProcessor.enter(() -> loop.runOnContext(opened -> enter(request)));
        if (behind != null) {
            behind.accept(request);
        }
    }

    private void admit(RoutingContext request) {
        consumer.accept(new Entry(request));
    }

    /** A request that has come to its consumer. */
    public final class Entry {

        private final RoutingContext request;

        private Entry(RoutingContext request) {
            this.request = request;
        }

        public RoutingContext request() {
            return request;
        }

        /** Null where authentication is off. */
        public Caller caller() {
            return RequestGate.caller(request);
        }

        public Supplier<Grant> grant() {
            return RequestGate.grant(request);
        }

        /** Its headers, its query and the parts of its path, as routes take them. */
        public void fill(Exchange exchange) {
            requestMapper.headers(request, parameters, exchange, exchange.getMessage());
        }

        /** The consumer has answered, or has begun an answer that goes on without its route. */
        public void leave() {
            drainingProcessor.leave();
        }

        /** The answer goes on: it counts for no limit of requests or idle connections. */
        public void outlive() {
            RequestGate.outlive(request);
        }

        public void refuse(Throwable cause) {
            FallbackHandler.refuse(request, cause);
        }

        /** 503: the route is there and does not run. */
        public void refuseStopped(boolean suspended) {
            refuse(suspended ? AsyncHttpEngine.ROUTE_SUSPENDED : AsyncHttpEngine.ROUTE_STOPPED);
        }
    }
}
