package dev.caravan.platform.kafka;

import java.time.Duration;

/** Pauses between tries of what goes on failing: from a second, doubling, to half a minute. */
final class Backoff {

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int DOUBLINGS = 5;

    /** So many failures in a row are told to the operator. */
    static final int SERIOUS = 3;

    private Backoff() {}

    /** @param failures in a row so far, at least one */
    static Duration pause(int failures) {
        Duration pause = FIRST.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }

    /** Failures that are further apart than the pauses can explain are not one row. */
    static boolean isSameRow(Duration sinceTheLast) {
        return sinceTheLast.compareTo(LONGEST.multipliedBy(3)) < 0;
    }
}
