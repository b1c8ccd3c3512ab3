package dev.caravan.platform.kafka;

import java.time.Duration;

/** The pause after each consecutive failure: one second, doubling up to 30 seconds. */
final class Backoff {

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int DOUBLINGS = 5;

    /** Number of consecutive failures from which on they are reported to the operator. */
    static final int REPORTED_FAILURES = 3;

    private Backoff() {}

    /** @param failures consecutive failures so far, at least one */
    static Duration pause(int failures) {
        Duration pause = FIRST.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }

    /** Whether a failure now counts as consecutive: the last one was at most three of the longest pauses ago. */
    static boolean isConsecutive(Duration sinceLastFailure) {
        return sinceLastFailure.compareTo(LONGEST.multipliedBy(3)) < 0;
    }
}
