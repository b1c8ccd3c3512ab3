package dev.caravan;

import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.database.InvalidMigrationException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.function.ThrowingRunnable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an action that needs another program on its own thread until it succeeds: at once, then after pauses of 1, 2, 4, … 30
 * seconds. Logs once a minute what it waits for.
 */
final class StartupRetry implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StartupRetry.class);
    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long MAX_PAUSE_MILLIS = 30_000;

    private final RateLimitedLogger log = new RateLimitedLogger();
    private final CountDownLatch tried = new CountDownLatch(1);
    private final String what;
    private final ThrowingRunnable<Exception> action;
    private final Thread thread;
    private volatile InvalidMigrationException invalid;

    private StartupRetry(String what, ThrowingRunnable<Exception> action) {
        this.what = what;
        this.action = action;
        this.thread = new Thread(this::retry, "caravan-startup-retry");
        thread.setDaemon(true);
    }

    static StartupRetry start(String what, ThrowingRunnable<Exception> action) {
        StartupRetry retry = new StartupRetry(what, action);
        retry.thread.start();
        return retry;
    }

    /**
     * Waits for the end of the first attempt.
     *
     * @throws InvalidMigrationException if the database is available, but one of the user's migrations is invalid
     */
    void firstTry(Duration atMost) throws InterruptedException, InvalidMigrationException {
        tried.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        if (invalid != null) {
            throw invalid;
        }
    }

    private void retry() {
        long pause = FIRST_PAUSE_MILLIS;
        try {
            while (!isDone()) {
                tried.countDown();
                Thread.sleep(pause);
                pause = Math.min(2 * pause, MAX_PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tried.countDown();
    }

    private boolean isDone() throws InterruptedException {
        try {
            action.run();
            return true;
        } catch (InterruptedException e) {
            throw e;
        } catch (InvalidMigrationException e) {
            invalid = e;
            LOG.error("{}", e.getMessage());
            return true;
        } catch (Exception | Error e) {
            log.warn(LOG, what, "Waiting for {}: {}", what, ErrorText.line(e));
            return false;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
