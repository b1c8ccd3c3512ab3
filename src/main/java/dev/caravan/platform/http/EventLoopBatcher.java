package dev.caravan.platform.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What an event loop does next: what has come since its last turn, in that order, as one task of Vert.x. What comes
 * during a turn waits for the next one. So exchanges that are at the same step take it together: their records are one
 * request to the brokers, and their answers leave one right after the other, which wakes whoever reads them once.
 */
public final class EventLoopBatcher {

    /** The loop looks at its connections between turns. */
    private static final int LONGEST = 256;

    private static final ThreadLocal<EventLoopBatcher> OF_LOOP =
            ThreadLocal.withInitial(() -> new EventLoopBatcher(Vertx.currentContext()));

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Context loop;

    private EventLoopBatcher(Context loop) {
        this.loop = loop;
    }

    /** Of the event loop that asks. */
    public static EventLoopBatcher current() {
        return OF_LOOP.get();
    }

    /** By any thread. An exception of the task is logged by Vert.x, and keeps no other from its turn. */
    public void add(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() == 0) {
            loop.runOnContext(this::run);
        }
    }

    private void run(Void next) {
        int count = Math.min(waiting.get(), LONGEST);
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
