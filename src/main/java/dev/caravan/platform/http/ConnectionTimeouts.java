package dev.caravan.platform.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Closes connections of one event loop on which a request does not arrive completely, or the next one does not begin,
 * in time. Netty's idle timer restarts with each byte, so an occasional byte keeps a connection open, and it reads the
 * clock twice for each request. This one checks once a second. Used only by its event loop.
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
        connections.put(connection, new WatchedConnection(connection, now));
        connection.closeHandler(closed -> {
            WatchedConnection removed = connections.remove(connection);
            if (removed != null && removed.isCounted()) {
                open.decrementAndGet();
            }
        });
        if (open.incrementAndGet() > maxOpen) {
            connection.close();
        }
    }

    /** Called on the event loop whose connections these are. */
    void attach(Context loop) {
        loop.put(KEY, this);
    }

    /**
     * Called when the answer to this request becomes a stream: while its connection has one, it is neither counted nor
     * closed as idle.
     */
    static void streamBegan(RoutingContext request) {
        ConnectionTimeouts connectionTimeouts = of(request);
        WatchedConnection watchedConnection = connectionTimeouts == null ? null : connectionTimeouts.find(request);
        if (watchedConnection != null) {
            boolean counted = watchedConnection.isCounted();
            watchedConnection.streamBegan(request.response());
            connectionTimeouts.count(watchedConnection, counted);
        }
    }

    /** Called when the server has ended a stream, so that its client reconnects by another connection. */
    static void streamEnded(RoutingContext request) {
        ConnectionTimeouts connectionTimeouts = of(request);
        WatchedConnection watchedConnection = connectionTimeouts == null ? null : connectionTimeouts.find(request);
        if (watchedConnection != null) {
            boolean counted = watchedConnection.isCounted();
            watchedConnection.streamEnded(request.response());
            connectionTimeouts.count(watchedConnection, counted);
            if (watchedConnection.isCounted()) {
                watchedConnection.leave(connectionTimeouts.now);
            }
        }
    }

    private static ConnectionTimeouts of(RoutingContext request) {
        return request.vertx().getOrCreateContext().get(KEY);
    }

    private WatchedConnection find(RoutingContext request) {
        return connections.get(request.request().connection());
    }

    private void count(WatchedConnection watchedConnection, boolean before) {
        if (before != watchedConnection.isCounted()) {
            open.addAndGet(before ? -1 : 1);
        }
    }

    /** Returns false if the request must be ignored because a previous one on its connection was malformed. */
    boolean requestBegan(HttpServerRequest request) {
        WatchedConnection watchedConnection = connections.get(request.connection());
        if (watchedConnection == null) {
            return false;
        }
        boolean counted = watchedConnection.isCounted();
        boolean begins = watchedConnection.requestBegan(request, now);
        count(watchedConnection, counted);
        return begins;
    }

    /** Called when the connection closes after the current answer. Vert.x would still deliver pipelined requests. */
    void ends(HttpConnection connection) {
        WatchedConnection watchedConnection = connections.get(connection);
        if (watchedConnection != null) {
            watchedConnection.end();
        }
    }

    /** Called when the program stops: clients should send their next requests by other connections. */
    void leave() {
        connections.values().stream().filter(WatchedConnection::isCounted).forEach(each -> each.leave(now));
    }

    /** Called once a second. */
    void tick() {
        now++;
        // A copy, because a connection may be closed at once.
        for (WatchedConnection watchedConnection : List.copyOf(connections.values())) {
            boolean counted = watchedConnection.isCounted();
            watchedConnection.check(now, seconds);
            if (connections.containsKey(watchedConnection.connection())) {
                count(watchedConnection, counted);
            }
        }
    }
}
