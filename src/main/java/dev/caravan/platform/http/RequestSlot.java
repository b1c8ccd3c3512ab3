package dev.caravan.platform.http;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A request's place among those in flight, until the request and its route have ended. Otherwise clients that cancel
 * their requests could have any number of routes running.
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
