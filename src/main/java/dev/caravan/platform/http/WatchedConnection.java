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
 * event loop. Times are seconds since the start of {@link ConnectionTimeouts}.
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
    private boolean ignoresRequests;
    private boolean closed;
    private boolean goAwayRequested;
    private boolean goAwaySent;
    private int goAwaySince = -1;
    private int streams;
    private int idleSince;

    /** @param open number of counted connections */
    WatchedConnection(HttpConnection connection, AtomicInteger open, int now) {
        this.connection = connection;
        this.open = open;
        this.idleSince = now;
        open.incrementAndGet();
    }

    void closed() {
        if (!closed && isCounted()) {
            open.decrementAndGet();
        }
        closed = true;
    }

    /** Whether it counts for the maximum of open connections. */
    boolean isCounted() {
        return streams == 0;
    }

    /** Returns false if the request must be ignored. */
    boolean requestBegan(HttpServerRequest request, int now) {
        if (ignoresRequests) {
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

    void ignoreFurtherRequests() {
        ignoresRequests = true;
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
     * Asks the client to send its next request by another connection (HTTP/2's GOAWAY; HTTP/1.1 has no such message).
     * Sent once no request is open, at the latest after two seconds, because some clients then fail their open requests.
     */
    void goAway() {
        goAwayRequested |= multiplexed;
    }

    /** Called once a second. */
    void check(int now, int seconds) {
        boolean busy = !requests.isEmpty();
        requests.removeIf(this::isDone);
        if (requests.isEmpty()) {
            idleSince = busy ? now : idleSince;
            if (goAwaySent || now - idleSince > seconds) {
                connection.close();
                return;
            }
        }
        if (goAwayRequested && goAwaySince < 0) {
            goAwaySince = now;
        }
        if (goAwayRequested && !goAwaySent && (requests.isEmpty() || now > goAwaySince)) {
            goAwaySent = true;
            connection.goAway(FallbackHandler.NO_ERROR);
        }
        for (OpenRequest each : List.copyOf(requests)) {
            if (!each.streams) {
                check(each, now, seconds);
            }
        }
    }

    private boolean isDone(OpenRequest each) {
        // With HTTP/2, an answer waits until the client takes it, and the request may still be arriving.
        boolean done = multiplexed ? each.response.closed() : each.response.ended();
        if (done) {
            streamEnded(each);
        }
        return done;
    }

    private void check(OpenRequest each, int now, int seconds) {
        if (!each.response.ended()) {
            if (!each.request.isEnded() && now - each.since > seconds) {
                FallbackHandler.refuse(each.request, FallbackHandler.TOO_SLOW);
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
