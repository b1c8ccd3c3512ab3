package dev.caravan.platform.http;

import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Stands before the route of one operation, so that the route can be replaced while requests come. While it is held
 * those inside can finish and new ones wait; once it opens they go to whichever route is behind it then.
 */
final class DrainingProcessor {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition empty = lock.newCondition();
    private final List<Runnable> whenOpen = new ArrayList<>();
    private Consumer<RoutingContext> behind;
    private Runnable mounted;
    private int inside;
    private boolean held;

    /** From now on requests go to {@code route}. */
    void lead(Consumer<RoutingContext> route) {
        lock.lock();
        try {
            behind = route;
        } finally {
            lock.unlock();
        }
    }

    /**
     * @param unmount ends what leads here from the router from now on
     * @return what ends that which led here before, or null
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

    /** Ends what leads here now, as soon as the door is open, unless something else has been mounted until then. */
    void unmount() {
        Runnable gone;
        lock.lock();
        try {
            gone = mounted;
        } finally {
            lock.unlock();
        }
        whenOpen(() -> {
            if (release(gone)) {
                gone.run();
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

    /**
     * @return the route, which must call {@link #leave} in the end; null where the request has to come {@code again}
     */
    Consumer<RoutingContext> enter(Runnable again) {
        lock.lock();
        try {
            if (held) {
                whenOpen.add(again);
                return null;
            }
            inside++;
            return behind;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            if (--inside == 0) {
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

    /** Returns once nobody is inside. */
    void awaitEmpty(long nanos) throws InterruptedException, TimeoutException {
        lock.lock();
        try {
            long left = nanos;
            while (inside > 0) {
                if (left <= 0) {
                    throw new TimeoutException(inside + " requests are not answered yet");
                }
                left = empty.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Runs it at once, or where the door is held as soon as it opens. */
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
