package dev.caravan.operations.health;

import dev.caravan.platform.kafka.ConsumerThread.Phase;
import dev.caravan.platform.kafka.ConsumerThread.Snapshot;
import java.time.Duration;
import java.util.List;

/** The state of a route's consumer, which is that of its worst thread. */
enum ConsumerState {
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
    private static final Duration MAX_POLL = Duration.ofSeconds(30);

    /** How long a thread may have no client or no group: while routes start, or between two connection attempts. */
    private static final Duration MAX_ABSENCE = Duration.ofSeconds(30);

    /**
     * @param expected number of threads that the route should have
     * @param terminated whether Camel reports that a thread has ended for good
     * @param absent how long threads have been missing, or outside their group
     * @param maxAttempt limit of an attempt at a record
     * @param maxWait {@code max.poll.interval.ms}, after which the group continues without the consumer; intended waits
     *     (between attempts, for a database, for a retry delay) are shorter
     */
    static ConsumerState of(
            int expected,
            boolean terminated,
            List<Snapshot> threads,
            Duration absent,
            Duration maxAttempt,
            Duration maxWait) {
        if (terminated || threads.stream().anyMatch(each -> !each.runs())) {
            return ENDED;
        }
        if (any(threads, Phase.POLLING, MAX_POLL)
                || any(threads, Phase.WORKING, maxAttempt)
                || any(threads, Phase.WAITING, maxWait)) {
            return STUCK;
        }
        if (threads.size() < expected) {
            return absent.compareTo(MAX_ABSENCE) > 0 ? ENDED : CONNECTING;
        }
        if (!threads.stream().allMatch(Snapshot::member)) {
            return absent.compareTo(MAX_ABSENCE) > 0 ? OUTSIDE : CONNECTING;
        }
        if (any(threads, Phase.CONNECTING, Duration.ZERO)) {
            return CONNECTING;
        }
        return any(threads, Phase.WORKING, Duration.ZERO) || any(threads, Phase.WAITING, Duration.ZERO)
                ? WORKING
                : POLLING;
    }

    private static boolean any(List<Snapshot> threads, Phase phase, Duration longerThan) {
        return threads.stream().anyMatch(each -> each.isAt(phase, longerThan));
    }

    boolean isWell() {
        return !needsRestart() && this != OUTSIDE;
    }

    boolean needsRestart() {
        return this == STUCK || this == ENDED;
    }
}
