package dev.caravan.platform.http;

import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Passes requests to the route of one operation, so that the route can be replaced while requests arrive. While it is
 * held, running requests finish and new ones wait; once it opens, they go to the current route.
 */
final class DrainingProcessor {

    private final List<Runnable> whenOpen = new ArrayList<>();
    private Consumer<RoutingContext> route;
    private Runnable mounted;
    private int running;
    private boolean held;

    /** Makes {@code route} the current route. */
    synchronized void setRoute(Consumer<RoutingContext> route) {
        this.route = route;
    }

    /**
     * Registers the router's path for this operation.
     *
     * @param unmount removes that path from the router
     * @return removes the previously mounted path, or null
     */
    synchronized Runnable mount(Runnable unmount) {
        Runnable previous = mounted;
        mounted = unmount;
        return previous;
    }

    /** Removes the mounted path as soon as this processor is open, unless another one has been mounted until then. */
    void unmount() {
        Runnable unmount = mounted();
        whenOpen(() -> {
            if (release(unmount)) {
                unmount.run();
            }
        });
    }

    private synchronized Runnable mounted() {
        return mounted;
    }

    private synchronized boolean release(Runnable unmount) {
        boolean still = unmount != null && mounted == unmount;
        mounted = still ? null : mounted;
        return still;
    }

    /** @return the route, which must call {@link #leave} at its end; null if {@code again} is called later instead */
    synchronized Consumer<RoutingContext> enter(Runnable again) {
        if (held) {
            whenOpen.add(again);
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

    /** Runs the action at once, or when this processor opens if it is held. */
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
