package dev.caravan.platform.http;

import dev.caravan.platform.edge.LogContext;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemResponse;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Roles;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Camel's HTTP engine with asynchronous routes. Routes of the configuration {@value #EVENT_LOOP} run on the event loop
 * and release it while they wait. All others occupy a thread of a pool of 20 until they are answered, as with Camel's
 * own engine. A blocking step on an event loop delays every other request of that loop.
 */
public final class AsyncHttpEngine extends VertxPlatformHttpEngine {

    static final String EVENT_LOOP = "event-loop";

    /** Metadata key of a router's route: the media types that it accepts. */
    static final String CONSUMES = "consumes";

    private static final int RETRY_AFTER_SECONDS = 30;

    private final HttpOperations operations = new HttpOperations();
    private final AtomicBoolean followed = new AtomicBoolean();

    HttpOperations operations() {
        return operations;
    }

    /** Removes the path of each route that Camel removes from now on. */
    void followRemovals(CamelContext context) {
        if (followed.compareAndSet(false, true)) {
            context.addLifecycleStrategy(new Removal());
        }
    }

    static ProblemException notRunning(boolean suspended) {
        return ProblemException.unavailable(
                "The route of this path is " + (suspended ? "suspended." : "stopped."), RETRY_AFTER_SECONDS);
    }

    static AsyncHttpEngine of(CamelContext context) {
        return (AsyncHttpEngine) context.getComponent("platform-http", PlatformHttpComponent.class)
                .getEngine();
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new AsyncHttpConsumer(
                endpoint, processor, VertxPlatformHttpRouter.getRouterNameFromPort(getServerPort()));
    }

    /**
     * The route behind an operation.
     *
     * @param group decides which role a caller needs; null if the route has none
     */
    private record ServedRoute(String routeId, String group, Parameters parameters, boolean onEventLoop) {}

    /** Needed because Camel stops a consumer in the same way whether its route is stopped or removed. */
    private final class Removal extends LifecycleStrategySupport {
        @Override
        public void onRoutesRemove(Collection<org.apache.camel.Route> routes) {
            routes.stream()
                    .filter(route -> route.getConsumer() != null)
                    .flatMap(route -> operations.find(route.getConsumer().getEndpoint()).stream())
                    .forEach(HttpOperation::unmount);
        }
    }

    private final class AsyncHttpConsumer extends VertxPlatformHttpConsumer {

        private final RequestMapper requestMapper;
        private final HttpOperation operation;
        private final VertxPlatformHttpRouter router;
        private final Runnable unmount = this::unmount;
        private Authenticator authenticator;
        private Roles roles;
        private volatile ServedRoute servedRoute;

        AsyncHttpConsumer(PlatformHttpEndpoint endpoint, Processor processor, String router) {
            super(endpoint, processor, getHandlers(), router);
            requestMapper = new RequestMapper(endpoint.getHeaderFilterStrategy());
            operation = operations.of(endpoint);
            this.router = VertxPlatformHttpRouter.lookup(endpoint.getCamelContext(), router);
        }

        @Override
        protected void doStart() throws Exception {
            CamelContext context = getEndpoint().getCamelContext();
            authenticator = context.getRegistry().findSingleByType(Authenticator.class);
            roles = context.getRegistry().findSingleByType(Roles.class);
            followRemovals(context);
            Runnable previous = operation.mount(this::serve, unmount);
            if (previous == unmount) {
                unmount();
            }
            List<Route> before = router.getRoutes();
            super.doStart();
            router.getRoutes().stream().filter(route -> !before.contains(route)).forEach(this::complete);
            if (previous != null && previous != unmount) {
                previous.run();
            }
        }

        /** Adds HEAD to GET, and the accepted media types. */
        private void complete(Route route) {
            if (route.methods() != null && route.methods().contains(HttpMethod.GET)) {
                route.method(HttpMethod.HEAD);
            }
            if (getEndpoint().getConsumes() != null) {
                route.putMetadata(CONSUMES, getEndpoint().getConsumes());
            }
        }

        /** Keeps the path of a stopped route until the route is removed or replaced. */
        @Override
        protected void doStop() {}

        private void unmount() {
            try {
                super.doStop();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        /** Searches at the first request, because Camel does not tell this consumer its route. */
        private Optional<ServedRoute> findRoute() {
            ModelCamelContext context = (ModelCamelContext) getEndpoint().getCamelContext();
            return context.getRoutes().stream()
                    .filter(route ->
                            route.getConsumer() != null && route.getConsumer().getEndpoint() == getEndpoint())
                    .findFirst()
                    .map(route -> context.getRouteDefinition(route.getRouteId()))
                    .map(route -> new ServedRoute(
                            route.getRouteId(),
                            route.getGroup(),
                            Parameters.of(
                                    context,
                                    getEndpoint().getHttpMethodRestrict(),
                                    getEndpoint().getPath()),
                            route.getRouteConfigurationId() != null
                                    && List.of(route.getRouteConfigurationId().split(","))
                                            .contains(EVENT_LOOP)));
        }

        @Override
        protected void handleRequest(RoutingContext request) {
            // Under "camel run" there is no RequestGate before the routes.
            RequestGate.authenticate(authenticator, request, () -> operation.accept(request));
        }

        private void serve(RoutingContext request) {
            if (isSuspendingOrSuspended() || isStoppingOrStopped()) {
                operation.leave();
                FallbackHandler.refuse(request, notRunning(!isStoppingOrStopped()));
                return;
            }
            if (servedRoute == null) {
                servedRoute = findRoute().orElse(null);
            }
            if (servedRoute == null) {
                // The route is being removed.
                operation.leave();
                request.fail(503);
                return;
            }
            Exchange exchange = createExchange(false);
            // With InOut Camel copies the message at the end of each pipeline; routes of the event loop do not need
            // that.
            exchange.setPattern(servedRoute.onEventLoop() ? ExchangePattern.InOnly : ExchangePattern.InOut);
            try {
                Caller caller = RequestGate.caller(request);
                roles.require(caller, servedRoute.group());
                Authenticator.setCaller(exchange, caller);
                if (caller != null) {
                    exchange.setProperty(Authenticator.GRANT, RequestGate.grant(request));
                }
                Message message = new HttpMessage(exchange, request.request(), request.response());
                exchange.setMessage(message);
                requestMapper.headers(request, servedRoute.parameters(), exchange, message);
                requestMapper.body(request, exchange, message);
                createUoW(exchange);
            } catch (Exception e) {
                operation.leave();
                FallbackHandler.refuse(request, e);
                releaseExchange(exchange, false);
                return;
            }
            RequestGate.routeBegins(request);
            if (servedRoute.onEventLoop()) {
                // The answer is written on the connection's event loop, on whatever thread the route ends.
                EventLoopBatcher eventLoopBatcher = EventLoopBatcher.current();
                getAsyncProcessor().process(exchange, done -> eventLoopBatcher.add(() -> answer(request, exchange)));
            } else {
                request.vertx()
                        .executeBlocking(() -> processBlocking(exchange), false)
                        .onComplete(done -> answer(request, exchange));
            }
        }

        private Exchange processBlocking(Exchange exchange) {
            try (LogContext logContext = LogContext.of(exchange, servedRoute.routeId())) {
                getProcessor().process(exchange);
            } catch (Exception e) {
                exchange.setException(e);
            }
            return exchange;
        }

        private void answer(RoutingContext request, Exchange exchange) {
            try {
                if (exchange.getException() != null) {
                    ProblemResponse.handleException(exchange);
                }
                if (!request.response().ended()) {
                    write(
                            request.response(),
                            exchange.getMessage(),
                            request.request().method() == HttpMethod.HEAD);
                }
            } catch (Exception e) {
                request.fail(e);
            } finally {
                doneUoW(exchange);
                releaseExchange(exchange, false);
                operation.leave();
                RequestGate.routeEnds(request);
            }
        }

        private void write(HttpServerResponse response, Message reply, boolean head) {
            HeaderFilterStrategy filter = getEndpoint().getHeaderFilterStrategy();
            reply.getHeaders().forEach((name, value) -> {
                if (value != null && !filter.applyFilterToCamelHeaders(name, value, reply.getExchange())) {
                    response.putHeader(name, value.toString());
                }
            });
            byte[] body = reply.getBody(byte[].class);
            response.setStatusCode(
                    reply.getHeader(Exchange.HTTP_RESPONSE_CODE, body == null ? 204 : 200, Integer.class));
            if (body == null) {
                response.end();
            } else {
                if (head) {
                    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length));
                }
                response.end(Buffer.buffer(body));
            }
        }
    }
}
