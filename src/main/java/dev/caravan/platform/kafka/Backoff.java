package dev.caravan.platform.kafka;

import java.time.Duration;
import org.apache.kafka.common.utils.ExponentialBackoff;

/** The pause after each consecutive failure: one second, doubling up to 30 seconds. */
final class Backoff {

    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final ExponentialBackoff BACKOFF = new ExponentialBackoff(1_000, 2, LONGEST.toMillis(), 0);

    /** Number of consecutive failures from which on they are reported to the operator. */
    static final int REPORTED_FAILURES = 3;

    private Backoff() {}

    /** @param failures consecutive failures so far, at least one */
    static Duration pause(int failures) {
        return Duration.ofMillis(BACKOFF.backoff(failures - 1));
    }

    /** Whether a failure now counts as consecutive: the last one was at most three of the longest pauses ago. */
    static boolean isConsecutive(Duration sinceLastFailure) {
        return sinceLastFailure.compareTo(LONGEST.multipliedBy(3)) < 0;
    }
}
