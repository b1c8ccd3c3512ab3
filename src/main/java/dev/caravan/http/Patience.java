package dev.caravan.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Closes the connections of one event loop that keep it waiting, for a request to come whole or for the next one to begin. Netty's
 * timer of idle connections begins anew with each byte, so a byte now and then holds one open; and it takes the time twice for each
 * request. Here it is looked at once a second. Used by its event loop alone.
 */
final class Patience {

    /** One connection. */
    private static final class Watched {
        HttpServerRequest request;
        boolean waiting = true;
        boolean ends;
        boolean streams;
        int since;
    }

    private static final String KEY = Patience.class.getName();

    private final Map<HttpConnection, Watched> connections = new HashMap<>();
    private final AtomicInteger open;
    private final int maxOpen;
    private final int seconds;
    private int now;

    /** @param open of all event loops together */
    Patience(AtomicInteger open, int maxOpen, int seconds) {
        this.open = open;
        this.maxOpen = maxOpen;
        this.seconds = seconds;
    }

    void connected(HttpConnection connection) {
        Watched watched = new Watched();
        watched.since = now;
        connections.put(connection, watched);
        connection.closeHandler(closed -> {
            Watched gone = connections.remove(connection);
            if (gone != null && !gone.streams) {
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

    /** The connection of this request carries a stream from now on: it is neither counted nor closed for being idle. */
    static void release(RoutingContext request) {
        Patience patience = request.vertx().getOrCreateContext().get(KEY);
        Watched watched = patience == null
                ? null
                : patience.connections.get(request.request().connection());
        if (watched != null && !watched.streams) {
            watched.streams = true;
            patience.open.decrementAndGet();
        }
    }

    /** Returns false where the request must be ignored: what came before it on its connection was malformed. */
    boolean begun(HttpServerRequest request) {
        Watched watched = connections.get(request.connection());
        if (watched == null || watched.ends) {
            return false;
        }
        watched.request = request;
        watched.waiting = false;
        watched.since = now;
        return true;
    }

    /** The connection closes with the answer that is under way. A pipelined request would still be handed over. */
    void ends(HttpConnection connection) {
        Watched watched = connections.get(connection);
        if (watched != null) {
            watched.ends = true;
        }
    }

    /** A second has passed. */
    void tick() {
        now++;
        for (Map.Entry<HttpConnection, Watched> each : Map.copyOf(connections).entrySet()) {
            Watched watched = each.getValue();
            boolean answered =
                    watched.request == null || watched.request.response().ended();
            if (answered && !watched.waiting) {
                watched.waiting = true;
                watched.since = now;
                watched.request = null;
            }
            if (watched.streams || now - watched.since <= seconds) {
                continue;
            }
            if (answered) {
                each.getKey().close();
            } else if (!watched.request.isEnded()) {
                Unanswered.tooSlow(watched.request);
            }
        }
    }
}
