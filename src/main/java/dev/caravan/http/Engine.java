package dev.caravan.http;

import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.util.CollectionHelper;

/**
 * Camel's HTTP engine, but for routes of the configuration {@value #EVENT_LOOP}: these run on the thread that reads the
 * requests, and give it back while they wait for an answer. Camel's own keeps a thread of a pool of 20 for each request
 * until it is answered. A step of such a route that blocks holds up every other request of that thread.
 */
public final class Engine extends VertxPlatformHttpEngine {

    static final String EVENT_LOOP = "event-loop";

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new EventLoopConsumer(
                endpoint, processor, VertxPlatformHttpRouter.getRouterNameFromPort(getServerPort()));
    }

    private final class EventLoopConsumer extends VertxPlatformHttpConsumer {

        private volatile Boolean onEventLoop;

        EventLoopConsumer(PlatformHttpEndpoint endpoint, Processor processor, String router) {
            super(endpoint, processor, getHandlers(), router);
        }

        /** The route is known only once it runs: Camel tells it to the consumer that stands before this one. */
        private boolean runsOnEventLoop() {
            ModelCamelContext context = (ModelCamelContext) getEndpoint().getCamelContext();
            return context.getRoutes().stream()
                    .filter(route ->
                            route.getConsumer() != null && route.getConsumer().getEndpoint() == getEndpoint())
                    .map(route -> context.getRouteDefinition(route.getRouteId()).getRouteConfigurationId())
                    .anyMatch(configurations -> configurations != null
                            && List.of(configurations.split(",")).contains(EVENT_LOOP));
        }

        @Override
        protected void handleRequest(RoutingContext request) {
            if (onEventLoop == null) {
                onEventLoop = runsOnEventLoop();
            }
            if (!onEventLoop || isSuspended()) {
                super.handleRequest(request);
                return;
            }
            Exchange exchange = createExchange(false);
            exchange.setPattern(ExchangePattern.InOut);
            processHttpRequest(exchange, request).onComplete(read -> {
                if (read.failed()) {
                    request.fail(read.cause());
                    releaseExchange(exchange, false);
                    return;
                }
                form(request, exchange);
                route(request, exchange);
            });
        }

        /** Of a form's fields only those count that may be a header: the rest is what Camel would act on. */
        private void form(RoutingContext request, Exchange exchange) {
            MultiMap fields = request.request().formAttributes();
            if (!fields.isEmpty()) {
                HeaderFilterStrategy filter = getEndpoint().getHeaderFilterStrategy();
                Map<String, Object> body = new HashMap<>();
                for (Map.Entry<String, String> field : fields) {
                    if (!filter.applyFilterToExternalHeaders(field.getKey(), field.getValue(), exchange)) {
                        CollectionHelper.appendEntry(body, field.getKey(), field.getValue());
                    }
                }
                exchange.getMessage().setBody(body);
            }
        }

        private void route(RoutingContext request, Exchange exchange) {
            try {
                createUoW(exchange);
            } catch (Exception e) {
                request.fail(e);
                releaseExchange(exchange, false);
                return;
            }
            Context loop = request.vertx().getOrCreateContext();
            getAsyncProcessor().process(exchange, doneSync -> {
                if (doneSync) {
                    answer(request, exchange);
                } else {
                    loop.runOnContext(done -> answer(request, exchange));
                }
            });
        }

        private void answer(RoutingContext request, Exchange exchange) {
            try {
                if (exchange.getException() != null) {
                    request.fail(exchange.getException());
                } else if (!request.response().ended()) {
                    write(request.response(), exchange.getMessage());
                }
            } finally {
                doneUoW(exchange);
                releaseExchange(exchange, false);
            }
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
