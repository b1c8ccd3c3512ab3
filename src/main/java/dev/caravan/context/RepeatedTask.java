package dev.caravan.context;

import org.slf4j.Logger;

/**
 * A task for a {@link java.util.concurrent.ScheduledExecutorService}, which runs a task that has thrown never again. No failure leaves
 * this one, errors included. Failures are logged at most once a minute.
 */
public final class RepeatedTask implements Runnable {

    /** One run of the task. */
    public interface Run {
        void run() throws Exception;
    }

    private final OncePerMinute once = new OncePerMinute();
    private final String name;
    private final Logger log;
    private final Run task;

    /** @param name says in the log what failed */
    public RepeatedTask(String name, Logger log, Run task) {
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
            once.warn(log, e.getClass().getName(), "{} failed; the next run is not affected", name, e);
        }
    }
}
