package dev.caravan.operations.health;

import dev.caravan.platform.kafka.ConsumerThread;
import dev.caravan.platform.kafka.ConsumerThread.Phase;
import dev.caravan.platform.kafka.ConsumerThread.Snapshot;
import java.time.Duration;
import java.util.List;

/** The state of a route's consumer, that of its worst thread. */
enum Condition {
    /** A client is being created or is joining its group. */
    CONNECTING,
    /** It polls Kafka. */
    POLLING,
    /** It processes records, or waits for a retry delay or a retry time. */
    WORKING,
    /** A thread is stuck in Kafka's client or in an attempt at one record. */
    STUCK,
    /** A thread has ended. */
    ENDED,
    /** It cannot join its group, because of an ACL or of members with another protocol. */
    OUTSIDE,
    /** An operator stopped or suspended its route. */
    STOPPED;

    /** Limit of a poll, which normally takes a fraction of a second. */
    static final Duration LONGEST_POLL = Duration.ofSeconds(30);

    /** How long a thread may lack a client: while routes start, or between two connection attempts. */
    static final Duration LONGEST_ABSENCE = Duration.ofSeconds(30);

    /**
     * @param expected number of threads that the route should have
     * @param gaveUp whether Camel reports that a thread has ended for good
     * @param absent how long threads have been missing, or outside their group
     * @param longestAttempt limit of an attempt at a record
     * @param longestWait {@code max.poll.interval.ms}, after which the group continues without the consumer; intended
     *     waits (between attempts, for a database, for a retry delay) are shorter
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
