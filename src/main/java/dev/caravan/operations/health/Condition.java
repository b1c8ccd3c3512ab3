package dev.caravan.operations.health;

import dev.caravan.platform.kafka.ConsumerThread;
import dev.caravan.platform.kafka.ConsumerThread.Phase;
import dev.caravan.platform.kafka.ConsumerThread.Snapshot;
import java.time.Duration;
import java.util.List;

/** How the consumer of a route does: as the worst of its threads does. */
enum Condition {
    /** A client is being made, or joins its group. */
    CONNECTING,
    /** It asks Kafka for records. */
    POLLING,
    /** It has records, or waits until one is due or may be tried again. */
    WORKING,
    /** A thread does not come back: from Kafka's client, or from an attempt at one record. */
    STUCK,
    /** A thread has ended. */
    ENDED,
    /** Its group does not take it: by an ACL, or because others of the group use another protocol. */
    OUTSIDE,
    /** An operator stopped or suspended its route. */
    STOPPED;

    /** A poll takes a fraction of a second. */
    static final Duration LONGEST_POLL = Duration.ofSeconds(30);

    /** For so long a thread may be without a client: while routes begin, or between two attempts to connect. */
    static final Duration LONGEST_ABSENCE = Duration.ofSeconds(30);

    /**
     * @param expected how many threads the route should have
     * @param gaveUp whether Camel says that one has ended for good
     * @param absent for how long there have been fewer than that, or not all of them in their group
     * @param longestAttempt at a record
     * @param longestWait {@code max.poll.interval.ms}, after which its group goes on without it; waits that are meant, between attempts, for a
     *     database or until a record of a retry topic is due, are shorter
     */
    static Condition of(
            int expected,
            boolean gaveUp,
            List<Snapshot> seen,
            Duration absent,
            Duration longestAttempt,
            Duration longestWait) {
        if (gaveUp || seen.stream().anyMatch(each -> !each.runs())) {
            return ENDED;
        }
        if (any(seen, Phase.POLLING, LONGEST_POLL)
                || any(seen, Phase.WORKING, longestAttempt)
                || any(seen, Phase.WAITING, longestWait)) {
            return STUCK;
        }
        if (seen.size() < expected) {
            return absent.compareTo(LONGEST_ABSENCE) > 0 ? ENDED : CONNECTING;
        }
        if (!seen.stream().allMatch(Snapshot::member)) {
            return absent.compareTo(LONGEST_ABSENCE) > 0 ? OUTSIDE : CONNECTING;
        }
        if (any(seen, Phase.CONNECTING, Duration.ZERO)) {
            return CONNECTING;
        }
        return any(seen, Phase.WORKING, Duration.ZERO) || any(seen, Phase.WAITING, Duration.ZERO) ? WORKING : POLLING;
    }

    private static boolean any(List<Snapshot> seen, ConsumerThread.Phase phase, Duration longerThan) {
        return seen.stream().anyMatch(each -> each.isAt(phase, longerThan));
    }

    boolean isWell() {
        return !needsRestart() && this != OUTSIDE;
    }

    boolean needsRestart() {
        return this == STUCK || this == ENDED;
    }
}
