package dev.caravan.bench;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits with a time limit. */
final class Polling {

    private Polling() {}

    /** Polls every ten milliseconds. */
    static void until(Duration atMost, String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + atMost.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("Waited " + atMost.toSeconds() + " s for " + what);
            }
            Thread.sleep(10);
        }
    }

    /** @param nanos a time of {@link System#nanoTime}, met within microseconds */
    static void until(long nanos) {
        while (System.nanoTime() < nanos) {
            LockSupport.parkNanos(nanos - System.nanoTime());
        }
    }
}
