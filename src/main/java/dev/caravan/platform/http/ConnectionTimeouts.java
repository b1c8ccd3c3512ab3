package dev.caravan.platform.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Closes the connections of one event loop on which a request does not arrive completely, or the next one does not
 * begin, in time. Replaces Netty's idle timer, which restarts with each byte, so that an occasional byte keeps a
 * connection open, and reads the clock twice for each request. This one checks once a second. Used only by its event
 * loop.
 */
final class ConnectionTimeouts {

    private static final String KEY = ConnectionTimeouts.class.getName();

    private final Map<HttpConnection, WatchedConnection> connections = new HashMap<>();
    private final AtomicInteger open;
    private final int maxOpen;
    private final int seconds;
    private int now;

    /** @param open number of open connections of all event loops together */
    ConnectionTimeouts(AtomicInteger open, int maxOpen, int seconds) {
        this.open = open;
        this.maxOpen = maxOpen;
        this.seconds = seconds;
    }

    void connected(HttpConnection connection) {
        WatchedConnection watchedConnection = new WatchedConnection(connection, open, now);
        connections.put(connection, watchedConnection);
        connection.closeHandler(closed -> {
            connections.remove(connection);
            watchedConnection.closed();
        });
        if (open.get() > maxOpen) {
            connection.close();
        }
    }

    /** Called on the event loop whose connections these are. */
    void attach(Context loop) {
        loop.put(KEY, this);
    }

    /**
     * Called when the answer to this request becomes a stream. A connection with a stream is neither counted nor closed
     * as idle.
     */
    static void streamBegan(RoutingContext request) {
        find(request).ifPresent(watchedConnection -> watchedConnection.streamBegan(request.response()));
    }

    /** Called when the server has ended a stream. Its client should reconnect by another connection. */
    static void streamEnded(RoutingContext request) {
        find(request).ifPresent(watchedConnection -> {
            watchedConnection.streamEnded(request.response());
            if (watchedConnection.isCounted()) {
                watchedConnection.goAway();
            }
        });
    }

    private static Optional<WatchedConnection> find(RoutingContext request) {
        ConnectionTimeouts timeouts = request.vertx().getOrCreateContext().get(KEY);
        return Optional.ofNullable(timeouts)
                .map(each -> each.connections.get(request.request().connection()));
    }

    /** Returns false if the request must be ignored because a previous one on its connection was malformed. */
    boolean requestBegan(HttpServerRequest request) {
        WatchedConnection watchedConnection = connections.get(request.connection());
        return watchedConnection != null && watchedConnection.requestBegan(request, now);
    }

    /** Called when the connection closes after the current answer: Vert.x would still deliver pipelined requests. */
    void ignoreFurtherRequests(HttpConnection connection) {
        connections.get(connection).ignoreFurtherRequests();
    }

    /** Called when the program stops. */
    void goAway() {
        connections.values().stream().filter(WatchedConnection::isCounted).forEach(WatchedConnection::goAway);
    }

    /** Called once a second. */
    void tick() {
        now++;
        // A copy, because a connection may be closed at once.
        List.copyOf(connections.values()).forEach(each -> each.check(now, seconds));
    }
}
