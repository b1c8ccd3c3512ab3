package dev.caravan.http;

import dev.caravan.edge.Subject;
import dev.caravan.security.Authenticate;
import dev.caravan.security.Caller;
import dev.caravan.security.Roles;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.CamelContextHelper;

/**
 * Camel's HTTP engine, but for routes of the configuration {@value #EVENT_LOOP}: these run on the thread that reads the
 * requests, and give it back while they wait for an answer. All others keep a thread of a pool of 20 until they are answered,
 * as with Camel's own. A step on an event loop that blocks holds up every other request of that thread.
 */
public final class Engine extends VertxPlatformHttpEngine {

    static final String EVENT_LOOP = "event-loop";

    private final Doors doors = new Doors();

    Doors doors() {
        return doors;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new EventLoopConsumer(
                endpoint, processor, VertxPlatformHttpRouter.getRouterNameFromPort(getServerPort()));
    }

    /**
     * @param group of the route behind the operation, which says what role a caller needs; null where it has none
     */
    private record Ran(String routeId, String group, boolean onEventLoop) {}

    private final class EventLoopConsumer extends VertxPlatformHttpConsumer {

        private final Entered entered;
        private final Door door;
        private volatile Ran ran;
        private volatile Authenticate authenticate;
        private volatile Roles roles;

        EventLoopConsumer(PlatformHttpEndpoint endpoint, Processor processor, String router) {
            super(endpoint, processor, getHandlers(), router);
            entered = new Entered(endpoint.getHeaderFilterStrategy());
            door = doors.of(endpoint);
        }

        @Override
        protected void doStart() throws Exception {
            door.lead(this::serve);
            super.doStart();
        }

        /** While the route is replaced the path stays known, and leads to its successor. */
        @Override
        protected void doStop() {
            door.whenOpen(this::unmount);
        }

        private void unmount() {
            try {
                super.doStop();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        /** The route is known only once it runs: Camel tells it to the consumer that stands before this one. */
        private Optional<Ran> findRoute() {
            ModelCamelContext context = (ModelCamelContext) getEndpoint().getCamelContext();
            return context.getRoutes().stream()
                    .filter(route ->
                            route.getConsumer() != null && route.getConsumer().getEndpoint() == getEndpoint())
                    .findFirst()
                    .map(route -> context.getRouteDefinition(route.getRouteId()))
                    .map(route -> new Ran(
                            route.getRouteId(),
                            route.getGroup(),
                            route.getRouteConfigurationId() != null
                                    && List.of(route.getRouteConfigurationId().split(","))
                                            .contains(EVENT_LOOP)));
        }

        @Override
        protected void handleRequest(RoutingContext request) {
            // Under "camel run" nothing else has asked for the token.
            RequestGate.authenticate(authenticate(), request, () -> enter(request));
        }

        private void enter(RoutingContext request) {
            Context loop = request.vertx().getOrCreateContext();
            var route = door.enter(() -> loop.runOnContext(opened -> enter(request)));
            if (route != null) {
                route.accept(request);
            }
        }

        private void serve(RoutingContext request) {
            if (isSuspendingOrSuspended() || isStoppingOrStopped()) {
                door.leave();
                request.fail(isStoppingOrStopped() ? 404 : 503);
                return;
            }
            if (ran == null) {
                ran = findRoute().orElse(null);
            }
            if (ran == null) {
                // It is on its way out.
                door.leave();
                request.fail(503);
                return;
            }
            Exchange exchange = createExchange(false);
            // With InOut Camel copies the message at the end of each pipeline; a route of the event loop asks nobody
            // else.
            exchange.setPattern(ran.onEventLoop() ? ExchangePattern.InOnly : ExchangePattern.InOut);
            try {
                Caller caller = RequestGate.caller(request);
                roles().require(caller, ran.group());
                if (caller != null) {
                    exchange.setProperty(Authenticate.CALLER, caller);
                }
                exchange.setProperty(Authenticate.WHO, caller == null ? "anonymous" : caller.name());
                fill(request, exchange);
                createUoW(exchange);
            } catch (Exception e) {
                door.leave();
                Unanswered.refuse(request, e);
                releaseExchange(exchange, false);
                return;
            }
            if (ran.onEventLoop()) {
                // Wherever the route ends, the answer is written on the event loop of its connection.
                Turn turn = Turn.current();
                getAsyncProcessor().process(exchange, done -> turn.add(() -> answer(request, exchange)));
            } else {
                request.vertx()
                        .executeBlocking(() -> waited(exchange), false)
                        .onComplete(done -> answer(request, exchange));
            }
        }

        private void fill(RoutingContext request, Exchange exchange) {
            Message message = new HttpMessage(exchange, request.request(), request.response());
            exchange.setMessage(message);
            entered.headers(request, exchange, message);
            entered.body(request, exchange, message);
        }

        private Authenticate authenticate() {
            if (authenticate == null) {
                authenticate = bean(Authenticate.class);
            }
            return authenticate;
        }

        private Roles roles() {
            if (roles == null) {
                roles = bean(Roles.class);
            }
            return roles;
        }

        private <T> T bean(Class<T> type) {
            return getEndpoint().getCamelContext().getRegistry().findSingleByType(type);
        }

        private Exchange waited(Exchange exchange) {
            try (Subject subject = Subject.of(exchange, ran.routeId())) {
                getProcessor().process(exchange);
            } catch (Exception e) {
                exchange.setException(e);
            }
            return exchange;
        }

        private void answer(RoutingContext request, Exchange exchange) {
            try {
                if (exchange.getException() != null) {
                    explain(exchange);
                }
                if (!request.response().ended()) {
                    write(request.response(), exchange.getMessage());
                }
            } catch (Exception e) {
                request.fail(e);
            } finally {
                doneUoW(exchange);
                releaseExchange(exchange, false);
                door.leave();
            }
        }

        /** What left the route is answered as what its policy answers. */
        private void explain(Exchange exchange) throws Exception {
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, exchange.getException());
            exchange.setException(null);
            CamelContextHelper.mandatoryLookup(exchange.getContext(), "problem", Processor.class)
                    .process(exchange);
        }

        private void write(HttpServerResponse response, Message reply) {
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
                response.end(Buffer.buffer(body));
            }
        }
    }
}
