package dev.caravan.platform.sse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.platform.edge.HttpHeaderPolicy;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.LogContext;
import dev.caravan.platform.http.MountedPath;
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
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.util.CaseInsensitiveMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the route of a stream, for one client on each thread. */
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
            mounted = new MountedPath(getEndpoint().getCamelContext(), endpoint.path(), this::enter, this::gone);
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

    private void gone() {
        streams.detach(this);
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

    private void enter(MountedPath.Entry entry) {
        if (!mayRun()) {
            entry.leave();
            entry.refuseStopped(!isStoppingOrStopped());
            return;
        }
        Exchange exchange = createExchange(false);
        entry.fill(exchange);
        // Header names have no case.
        Map<String, Object> headers =
                new CaseInsensitiveMap(exchange.getMessage().getHeaders());
        releaseExchange(exchange, false);
        // The ticket has been used; the route must not see it.
        headers.remove("ticket");
        streams.open(this, entry, headers, endpoint.key(entry.request()::pathParam));
    }

    /**
     * Runs the route once, or twice if the first run of a stream fails: if the route succeeds without the client's id,
     * that id is unknown. Called on a thread that may block.
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
        return page.afterReset(
                line(ServerSentEvent.of("reset", Json.MAPPER.createObjectNode().put("reason", "unknown id"), null)));
    }

    private StreamRun.StreamPage run(Stream stream, Object lastId) throws Exception {
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        Message message = exchange.getMessage();
        message.setHeaders(new CaseInsensitiveMap(stream.headers()));
        if (lastId == null) {
            message.removeHeader("Last-Event-ID");
            message.removeHeader("after");
        }
        set(message, StreamRun.LAST_EVENT_ID, lastId);
        message.removeHeader(StreamRun.MORE);
        message.removeHeader(StreamRun.POSITION);
        exchange.setProperty(StreamRun.STATE, stream.state());
        Caller caller = stream.caller();
        if (caller != null) {
            exchange.setProperty(Authenticator.CALLER, caller);
        }
        exchange.setProperty(Authenticator.WHO, caller == null ? "anonymous" : caller.name());
        try (LogContext logContext = LogContext.of(exchange, getRoute().getRouteId())) {
            createUoW(exchange);
            try {
                process(exchange, caller);
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
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, exchange.getException());
            exchange.setException(null);
            CamelContextHelper.mandatoryLookup(exchange.getContext(), "problem", Processor.class)
                    .process(exchange);
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

    private static void set(Message message, String header, Object value) {
        if (value == null) {
            message.removeHeader(header);
        } else {
            message.setHeader(header, value);
        }
    }

    private StreamRun.StreamPage page(Message message) {
        Object body = message.getBody();
        List<?> events = body == null ? List.of() : body instanceof List<?> list ? list : List.of(body);
        List<StreamRun.Line> lines = events.stream().map(this::line).toList();
        return new StreamRun.StreamPage(
                lines,
                message.getHeader(StreamRun.LAST_EVENT_ID),
                message.getHeader(StreamRun.POSITION, Long.class),
                message.getHeader(StreamRun.MORE, !lines.isEmpty(), Boolean.class),
                false);
    }

    private StreamRun.Line line(Object each) {
        ServerSentEvent serverSentEvent = each instanceof ServerSentEvent made
                ? made
                : each instanceof Map<?, ?> row
                        ? event(RowsResponse.of(row))
                        : ServerSentEvent.of(endpoint.getEvent(), text(each), null);
        return new StreamRun.Line(
                serverSentEvent.bytes(),
                serverSentEvent.id(),
                serverSentEvent.state(),
                serverSentEvent.created() == null
                        ? 0
                        : serverSentEvent.created().toEpochMilli());
    }

    private ServerSentEvent event(Map<String, Object> row) {
        return new ServerSentEvent(
                endpoint.getEvent(), row.get("id"), RowsResponse.json(row), null, Page.instant(row.get("createdAt")));
    }

    private static JsonNode text(Object value) {
        return value instanceof JsonNode json ? json : TextNode.valueOf(value.toString());
    }
}
