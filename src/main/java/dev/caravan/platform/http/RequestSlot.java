package dev.caravan.platform.http;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts a request as in flight until both the request and its route have ended, so that clients cannot start an
 * unlimited number of routes by cancelling their requests.
 */
final class RequestSlot {

    private final AtomicInteger requests;
    private final AtomicInteger holders = new AtomicInteger(1);
    private boolean ended;

    /** @param requests number of requests in flight; it already counts this one */
    RequestSlot(AtomicInteger requests) {
        this.requests = requests;
    }

    /** Called on the event loop; may be called again. */
    void requestEnds() {
        if (!ended) {
            ended = true;
            routeEnds();
        }
    }

    void routeBegins() {
        holders.incrementAndGet();
    }

    void routeEnds() {
        if (holders.decrementAndGet() == 0) {
            requests.decrementAndGet();
        }
    }
}
