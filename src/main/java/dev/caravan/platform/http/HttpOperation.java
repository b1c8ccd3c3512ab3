package dev.caravan.platform.http;

import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * An operation of the business port. Passes requests to its current route, so that the route can be replaced while
 * requests arrive. While the operation is held, running requests finish and new ones wait; once it opens, they go to
 * the current route.
 */
final class HttpOperation {

    private final List<Runnable> whenOpen = new ArrayList<>();
    private Consumer<RoutingContext> route;
    private final AtomicReference<Runnable> unmount = new AtomicReference<>();
    private int running;
    private boolean held;

    /**
     * Makes {@code route} the current route.
     *
     * @param unmount removes the route's path from the router
     * @return removes the previous route's path, or null
     */
    synchronized Runnable mount(Consumer<RoutingContext> route, Runnable unmount) {
        this.route = route;
        return this.unmount.getAndSet(unmount);
    }

    /** Removes the current route's path once this operation is open, unless another route has replaced it by then. */
    void unmount() {
        Runnable current = unmount.get();
        whenOpen(() -> {
            if (current != null && unmount.compareAndSet(current, null)) {
                current.run();
            }
        });
    }

    /** Passes the request to the current route, which must call {@link #leave} at its end; if held, once it opens. */
    void accept(RoutingContext request) {
        Context loop = request.vertx().getOrCreateContext();
        Consumer<RoutingContext> current = enter(() -> loop.runOnContext(opened -> accept(request)));
        if (current != null) {
            current.accept(request);
        }
    }

    /** @return the current route; null if held, then {@code retry} is called once it opens */
    synchronized Consumer<RoutingContext> enter(Runnable retry) {
        if (held) {
            whenOpen.add(retry);
            return null;
        }
        running++;
        return route;
    }

    synchronized void leave() {
        if (--running == 0) {
            notifyAll();
        }
    }

    synchronized void hold() {
        held = true;
    }

    /** Waits until no request is running. */
    synchronized void awaitEmpty(long nanos) throws InterruptedException, TimeoutException {
        long end = System.nanoTime() + nanos;
        while (running > 0) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new TimeoutException(running + " requests are not answered yet");
            }
            wait(left);
        }
    }

    /** Runs the action at once, or if held, once it opens. */
    void whenOpen(Runnable action) {
        synchronized (this) {
            if (held) {
                whenOpen.add(action);
                return;
            }
        }
        action.run();
    }

    void open() {
        List<Runnable> actions;
        synchronized (this) {
            held = false;
            actions = List.copyOf(whenOpen);
            whenOpen.clear();
        }
        actions.forEach(Runnable::run);
    }
}
