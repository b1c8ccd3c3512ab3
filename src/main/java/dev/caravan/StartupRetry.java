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
 * Runs an action that needs another program: at once, then after 1, 2, 4, … seconds, at most 30. Logs what it waits for
 * once a minute. Runs in parallel with the rest of the program.
 */
final class StartupRetry implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StartupRetry.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final RateLimitedLogger log = new RateLimitedLogger();
    private final CountDownLatch tried = new CountDownLatch(1);
    private final String what;
    private final ThrowingRunnable<Exception> action;
    private final Thread thread;
    private volatile InvalidMigrationException invalid;

    private StartupRetry(String what, ThrowingRunnable<Exception> action) {
        this.what = what;
        this.action = action;
        this.thread = new Thread(this::untilDone, "caravan-waits");
        thread.setDaemon(true);
    }

    static StartupRetry start(String what, ThrowingRunnable<Exception> action) {
        StartupRetry startupRetry = new StartupRetry(what, action);
        startupRetry.thread.start();
        return startupRetry;
    }

    /**
     * Waits for the first attempt, at most that long, so that later steps of the start find what is available.
     *
     * @throws InvalidMigrationException if the database is available, but a migration of the user is invalid
     */
    void firstTry(Duration atMost) throws InterruptedException, InvalidMigrationException {
        tried.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        if (invalid != null) {
            throw invalid;
        }
    }

    private void untilDone() {
        Duration pause = FIRST_PAUSE;
        try {
            while (!done()) {
                tried.countDown();
                Thread.sleep(pause.toMillis());
                Duration twice = pause.multipliedBy(2);
                pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tried.countDown();
    }

    private boolean done() throws InterruptedException {
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
