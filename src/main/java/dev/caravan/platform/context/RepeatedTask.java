package dev.caravan.platform.context;

import org.apache.camel.util.function.ThrowingRunnable;
import org.slf4j.Logger;

/**
 * A task for a {@link java.util.concurrent.ScheduledExecutorService}, which would cancel the task after an exception.
 * Catches all exceptions and errors, and logs them at most once a minute.
 */
public final class RepeatedTask implements Runnable {

    private final RateLimitedLogger rateLimited = new RateLimitedLogger();
    private final String name;
    private final Logger log;
    private final ThrowingRunnable<Exception> task;

    /** @param name of the task in the log */
    public RepeatedTask(String name, Logger log, ThrowingRunnable<Exception> task) {
        this.name = name;
        this.log = log;
        this.task = task;
    }

    @Override
    public void run() {
        try {
            task.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            rateLimited.warn(log, e.getClass().getName(), "{} failed; the next run is not affected", name, e);
        }
    }
}
