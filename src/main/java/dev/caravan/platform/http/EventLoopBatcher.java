package dev.caravan.platform.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the tasks of an event loop in batches: all tasks since the last batch, in order, as one task of Vert.x. Tasks
 * added during a batch wait for the next one. So exchanges at the same step proceed together: their records go to the
 * brokers in one request, and their answers are written together.
 */
public final class EventLoopBatcher {

    /** Maximum tasks of a batch; the loop serves its connections between batches. */
    private static final int MAX_TASKS = 256;

    private static final ThreadLocal<EventLoopBatcher> OF_LOOP =
            ThreadLocal.withInitial(() -> new EventLoopBatcher(Vertx.currentContext()));

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Context loop;

    private EventLoopBatcher(Context loop) {
        this.loop = loop;
    }

    /** The batcher of the current event loop. */
    public static EventLoopBatcher current() {
        return OF_LOOP.get();
    }

    /** May be called by any thread. Vert.x logs an exception of the task; the other tasks still run. */
    public void add(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() == 0) {
            loop.runOnContext(this::run);
        }
    }

    private void run(Void next) {
        int count = Math.min(waiting.get(), MAX_TASKS);
        int begun = 0;
        try {
            while (begun < count) {
                begun++;
                tasks.remove().run();
            }
        } finally {
            if (waiting.addAndGet(-begun) > 0) {
                loop.runOnContext(this::run);
            }
        }
    }
}
