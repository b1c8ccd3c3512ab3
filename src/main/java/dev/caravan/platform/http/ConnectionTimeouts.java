package dev.caravan.platform.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Closes connections of one event loop on which a request does not arrive completely, or the next one does not begin,
 * in time. Netty's idle timer restarts with each byte, so an occasional byte keeps a connection open, and it reads the
 * clock twice for each request. This one checks once a second. Used only by its event loop.
 */
final class ConnectionTimeouts {

    /** One connection. */
    private static final class WatchedConnection {
        HttpServerRequest request;
        boolean waiting = true;
        boolean ends;
        boolean streams;
        int since;
    }

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
        WatchedConnection watchedConnection = new WatchedConnection();
        watchedConnection.since = now;
        connections.put(connection, watchedConnection);
        connection.closeHandler(closed -> {
            WatchedConnection removed = connections.remove(connection);
            if (removed != null && !removed.streams) {
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
     * Called when the connection of this request becomes a stream: from then on it is neither counted nor closed as
     * idle.
     */
    static void release(RoutingContext request) {
        ConnectionTimeouts connectionTimeouts =
                request.vertx().getOrCreateContext().get(KEY);
        WatchedConnection watchedConnection = connectionTimeouts == null
                ? null
                : connectionTimeouts.connections.get(request.request().connection());
        if (watchedConnection != null && !watchedConnection.streams) {
            watchedConnection.streams = true;
            connectionTimeouts.open.decrementAndGet();
        }
    }

    /** Returns false if the request must be ignored because a previous one on its connection was malformed. */
    boolean requestBegan(HttpServerRequest request) {
        WatchedConnection watchedConnection = connections.get(request.connection());
        if (watchedConnection == null || watchedConnection.ends) {
            return false;
        }
        watchedConnection.request = request;
        watchedConnection.waiting = false;
        watchedConnection.since = now;
        return true;
    }

    /** Called when the connection closes after the current answer. Vert.x would still deliver pipelined requests. */
    void ends(HttpConnection connection) {
        WatchedConnection watchedConnection = connections.get(connection);
        if (watchedConnection != null) {
            watchedConnection.ends = true;
        }
    }

    /** Called once a second. */
    void tick() {
        now++;
        for (Map.Entry<HttpConnection, WatchedConnection> each :
                Map.copyOf(connections).entrySet()) {
            WatchedConnection watchedConnection = each.getValue();
            boolean answered = watchedConnection.request == null
                    || watchedConnection.request.response().ended();
            if (answered && !watchedConnection.waiting) {
                watchedConnection.waiting = true;
                watchedConnection.since = now;
                watchedConnection.request = null;
            }
            if (watchedConnection.streams || now - watchedConnection.since <= seconds) {
                continue;
            }
            if (answered) {
                each.getKey().close();
            } else if (!watchedConnection.request.isEnded()) {
                FallbackHandler.tooSlow(watchedConnection.request);
            }
        }
    }
}
