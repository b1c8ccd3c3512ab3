package dev.caravan.platform.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection and its requests without a complete answer: one with HTTP/1.1, several with HTTP/2. Used only by its
 * event loop, whose seconds are given.
 */
final class WatchedConnection {

    private static final class OpenRequest {
        final HttpServerRequest request;
        final HttpServerResponse response;
        final int since;
        int answeredSince = -1;
        boolean streams;

        OpenRequest(HttpServerRequest request, int since) {
            this.request = request;
            this.response = request.response();
            this.since = since;
        }
    }

    private final HttpConnection connection;
    private final AtomicInteger open;
    private final List<OpenRequest> requests = new ArrayList<>(1);
    private boolean multiplexed;
    private boolean ends;
    private boolean left;
    private boolean closed;
    private boolean leaves;
    private int leavesSince = -1;
    private int streams;
    private int idleSince;

    /** @param open number of counted connections; one with a stream does not count */
    WatchedConnection(HttpConnection connection, AtomicInteger open, int now) {
        this.connection = connection;
        this.open = open;
        this.idleSince = now;
        open.incrementAndGet();
    }

    /** Called once the connection is closed. */
    void closed() {
        if (!closed && isCounted()) {
            open.decrementAndGet();
        }
        closed = true;
    }

    /** Whether it counts as an open connection. */
    boolean isCounted() {
        return streams == 0;
    }

    /** Returns false if the request must be ignored. */
    boolean requestBegan(HttpServerRequest request, int now) {
        if (ends) {
            return false;
        }
        multiplexed = request.version() == HttpVersion.HTTP_2;
        if (!multiplexed) {
            requests.forEach(this::streamEnded);
            requests.clear();
        }
        requests.add(new OpenRequest(request, now));
        return true;
    }

    /** Further requests are ignored. */
    void end() {
        ends = true;
    }

    void streamBegan(HttpServerResponse response) {
        for (OpenRequest each : requests) {
            if (each.response == response && !each.streams) {
                each.streams = true;
                if (streams++ == 0 && !closed) {
                    open.decrementAndGet();
                }
            }
        }
    }

    void streamEnded(HttpServerResponse response) {
        requests.stream().filter(each -> each.response == response).forEach(this::streamEnded);
    }

    private void streamEnded(OpenRequest ended) {
        if (ended.streams) {
            ended.streams = false;
            if (--streams == 0 && !closed) {
                open.incrementAndGet();
            }
        }
    }

    /**
     * Asks the client to send its next request by another connection. This happens within two seconds, before if no
     * request is open, because some clients then fail the open ones. HTTP/1.1 has no such message.
     */
    void leave() {
        leaves |= multiplexed;
    }

    /** Called once a second. */
    void check(int now, int seconds) {
        boolean busy = !requests.isEmpty();
        requests.removeIf(this::isDone);
        if (requests.isEmpty()) {
            idleSince = busy ? now : idleSince;
            if (left || now - idleSince > seconds) {
                connection.close();
                return;
            }
        }
        if (leaves && leavesSince < 0) {
            leavesSince = now;
        }
        if (leaves && !left && (requests.isEmpty() || now > leavesSince)) {
            left = true;
            connection.goAway(FallbackHandler.NO_ERROR);
        }
        for (OpenRequest each : List.copyOf(requests)) {
            if (!each.streams) {
                check(each, now, seconds);
            }
        }
    }

    private boolean isDone(OpenRequest each) {
        // An answer of HTTP/2 waits until the client takes it, and the request may still arrive after it.
        boolean done = multiplexed ? each.response.closed() : each.response.ended();
        if (done) {
            streamEnded(each);
        }
        return done;
    }

    private void check(OpenRequest each, int now, int seconds) {
        if (!each.response.ended()) {
            if (!each.request.isEnded() && now - each.since > seconds) {
                FallbackHandler.tooSlow(each.request);
            }
        } else if (each.answeredSince < 0) {
            each.answeredSince = now;
        } else if (now - each.answeredSince > seconds) {
            if (each.request.isEnded()) {
                // The client does not take the answer.
                connection.close();
            } else {
                each.response.reset(FallbackHandler.NO_ERROR);
            }
        }
    }
}
