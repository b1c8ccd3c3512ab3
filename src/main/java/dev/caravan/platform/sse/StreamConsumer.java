package dev.caravan.platform.sse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.platform.edge.HttpHeaderPolicy;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.LogContext;
import dev.caravan.platform.edge.ProblemResponse;
import dev.caravan.platform.http.MountedPath;
import dev.caravan.platform.http.MountedPath.MountedRequest;
import dev.caravan.platform.http.Page;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Roles;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.util.CaseInsensitiveMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the route of a stream, for one client per thread. */
final class StreamConsumer extends DefaultConsumer implements Suspendable {

    private static final Logger LOG = LoggerFactory.getLogger(StreamConsumer.class);
    private static final HttpHeaderPolicy ANSWER_HEADERS = new HttpHeaderPolicy();

    private final StreamEndpoint endpoint;
    private MountedPath mounted;
    private Streams streams;
    private Roles roles;

    StreamConsumer(StreamEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        if (mounted == null) {
            streams = bean(Streams.class);
            roles = bean(Roles.class);
            mounted = new MountedPath(
                    getEndpoint().getCamelContext(), endpoint.path(), this::enter, () -> streams.detach(this));
        }
        streams.attach(this);
        mounted.mount();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        streams.attach(this);
    }

    private <T> T bean(Class<T> type) {
        return getEndpoint().getCamelContext().getRegistry().findSingleByType(type);
    }

    String path() {
        return endpoint.path();
    }

    String positions() {
        return endpoint.getPositions();
    }

    boolean mayRun() {
        return !isSuspendingOrSuspended() && !isStoppingOrStopped();
    }

    private void enter(MountedRequest request) {
        if (!mayRun()) {
            request.leave();
            request.refuseStopped(!isStoppingOrStopped());
            return;
        }
        Exchange exchange = createExchange(false);
        request.copyTo(exchange);
        // Header names are case-insensitive.
        Map<String, Object> headers =
                new CaseInsensitiveMap(exchange.getMessage().getHeaders());
        releaseExchange(exchange, false);
        // The ticket is a credential, which the route must not see.
        headers.remove("ticket");
        streams.open(this, request, headers, endpoint.key(request.context()::pathParam));
    }

    /**
     * Runs the route once. If the first run of a stream fails, runs it again without the client's id; if that succeeds,
     * the id is unknown. Called on a thread that may block.
     *
     * @throws StreamRun.RefusedException if the route answered with an error
     */
    StreamRun.StreamPage run(Stream stream) throws Exception {
        Object lastId = stream.lastId();
        try {
            return run(stream, lastId);
        } catch (StreamRun.RefusedException e) {
            if (stream.isOpen() || lastId == null) {
                throw e;
            }
            LOG.debug("A stream could not resume", e);
        }
        StreamRun.StreamPage page = run(stream, null);
        streams.reset();
        return page.afterReset(encoded(
                ServerSentEvent.of("reset", Json.MAPPER.createObjectNode().put("reason", "unknown id"), null)));
    }

    private StreamRun.StreamPage run(Stream stream, Object lastId) throws Exception {
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        Message message = exchange.getMessage();
        message.setHeaders(new CaseInsensitiveMap(stream.headers()));
        message.removeHeaders("Caravan*");
        if (lastId == null) {
            message.removeHeader("Last-Event-ID");
            message.removeHeader("after");
        } else {
            message.setHeader(StreamRun.LAST_EVENT_ID, lastId);
        }
        exchange.setProperty(StreamRun.STATE, stream.state());
        Authenticator.setCaller(exchange, stream.caller());
        try (LogContext logContext = LogContext.of(exchange, getRoute().getRouteId())) {
            createUoW(exchange);
            try {
                process(exchange, stream.caller());
                return page(exchange.getMessage());
            } finally {
                doneUoW(exchange);
            }
        } finally {
            releaseExchange(exchange, false);
        }
    }

    private void process(Exchange exchange, Caller caller) throws Exception {
        try {
            roles.require(caller, getRoute().getGroup());
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        if (exchange.getException() != null) {
            ProblemResponse.handleException(exchange);
        }
        Message reply = exchange.getMessage();
        int status = reply.getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class);
        if (status >= 400) {
            Map<String, String> headers = new HashMap<>();
            reply.getHeaders().forEach((name, value) -> {
                if (value != null && !ANSWER_HEADERS.applyFilterToCamelHeaders(name, value, exchange)) {
                    headers.put(name, value.toString());
                }
            });
            throw new StreamRun.RefusedException(status, headers, reply.getBody(byte[].class));
        }
    }

    private StreamRun.StreamPage page(Message message) {
        Object body = message.getBody();
        List<?> events = body == null ? List.of() : body instanceof List<?> list ? list : List.of(body);
        List<StreamRun.EncodedEvent> encoded =
                events.stream().map(this::encoded).toList();
        return new StreamRun.StreamPage(
                encoded,
                message.getHeader(StreamRun.LAST_EVENT_ID),
                message.getHeader(StreamRun.POSITION, Long.class),
                message.getHeader(StreamRun.MORE, !encoded.isEmpty(), Boolean.class),
                false);
    }

    private StreamRun.EncodedEvent encoded(Object each) {
        ServerSentEvent event = each instanceof ServerSentEvent own
                ? own
                : each instanceof Map<?, ?> row
                        ? event(RowsResponse.of(row))
                        : ServerSentEvent.of(endpoint.getEvent(), text(each), null);
        return new StreamRun.EncodedEvent(
                event.encoded(),
                event.id(),
                event.state(),
                event.created() == null ? 0 : event.created().toEpochMilli());
    }

    private ServerSentEvent event(Map<String, Object> row) {
        return new ServerSentEvent(
                endpoint.getEvent(), row.get("id"), RowsResponse.json(row), null, Page.instant(row.get("createdAt")));
    }

    private static JsonNode text(Object value) {
        return value instanceof JsonNode json ? json : TextNode.valueOf(value.toString());
    }
}
