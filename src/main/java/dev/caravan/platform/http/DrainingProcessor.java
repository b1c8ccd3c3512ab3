package dev.caravan.platform.http;

import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Passes requests to the route of one operation, so that the route can be replaced while requests arrive. While it is
 * held, running requests finish and new ones wait; once it opens, they go to the current route.
 */
final class DrainingProcessor {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition empty = lock.newCondition();
    private final List<Runnable> whenOpen = new ArrayList<>();
    private Consumer<RoutingContext> route;
    private Runnable mounted;
    private int running;
    private boolean held;

    /** Makes {@code route} the current route. */
    void setRoute(Consumer<RoutingContext> route) {
        lock.lock();
        try {
            this.route = route;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Registers the router's path for this operation.
     *
     * @param unmount removes that path from the router
     * @return removes the previously mounted path, or null
     */
    Runnable mount(Runnable unmount) {
        lock.lock();
        try {
            Runnable previous = mounted;
            mounted = unmount;
            return previous;
        } finally {
            lock.unlock();
        }
    }

    /** Removes the mounted path as soon as this processor is open, unless another one has been mounted until then. */
    void unmount() {
        Runnable unmount;
        lock.lock();
        try {
            unmount = mounted;
        } finally {
            lock.unlock();
        }
        whenOpen(() -> {
            if (release(unmount)) {
                unmount.run();
            }
        });
    }

    private boolean release(Runnable unmount) {
        lock.lock();
        try {
            boolean still = unmount != null && mounted == unmount;
            mounted = still ? null : mounted;
            return still;
        } finally {
            lock.unlock();
        }
    }

    /** @return the route, which must call {@link #leave} at its end; null if {@code again} is called later instead */
    Consumer<RoutingContext> enter(Runnable again) {
        lock.lock();
        try {
            if (held) {
                whenOpen.add(again);
                return null;
            }
            running++;
            return route;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            if (--running == 0) {
                empty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void hold() {
        lock.lock();
        try {
            held = true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no request is running. */
    void awaitEmpty(long nanos) throws InterruptedException, TimeoutException {
        lock.lock();
        try {
            long left = nanos;
            while (running > 0) {
                if (left <= 0) {
                    throw new TimeoutException(running + " requests are not answered yet");
                }
                left = empty.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Runs the action at once, or when this processor opens if it is held. */
    void whenOpen(Runnable action) {
        lock.lock();
        try {
            if (held) {
                whenOpen.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    void open() {
        List<Runnable> actions;
        lock.lock();
        try {
            held = false;
            actions = List.copyOf(whenOpen);
            whenOpen.clear();
        } finally {
            lock.unlock();
        }
        actions.forEach(Runnable::run);
    }
}
