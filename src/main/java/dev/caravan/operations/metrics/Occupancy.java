package dev.caravan.operations.metrics;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Tells how long the oldest message in a route may have been there, while others come and go. Messages are counted in two groups,
 * by when they came: once the older group is empty, all others came after the moment at which it was closed.
 */
final class Occupancy {

    private final LongAdder[] groups = {new LongAdder(), new LongAdder()};
    private volatile int current;
    private long closedAt = System.nanoTime();

    /** @return the group, in which the message must be counted down when it leaves */
    LongAdder enter() {
        LongAdder group = groups[current];
        group.increment();
        return group;
    }

    /** Whether each message inside came within that time. False at first for an older one that leaves later: ask again. */
    synchronized boolean isWithin(Duration age) {
        int older = 1 - current;
        if (groups[older].sum() > 0) {
            return false;
        }
        if (System.nanoTime() - closedAt <= age.toNanos()) {
            return true;
        }
        current = older;
        closedAt = System.nanoTime();
        return groups[1 - older].sum() == 0;
    }
}
