package dev.caravan.bench;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Nothing here waits without an end. */
final class Waiting {

    private Waiting() {}

    /** Asks every ten milliseconds. */
    static void until(Duration atMost, String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + atMost.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("Waited " + atMost.toSeconds() + " s in vain for " + what);
            }
            Thread.sleep(10);
        }
    }
}
