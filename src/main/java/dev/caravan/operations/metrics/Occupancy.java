package dev.caravan.operations.metrics;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Estimates the age of the oldest message in a route. Messages are counted in two groups by arrival time. Once the older
 * group is empty, all remaining messages arrived after it was closed.
 */
final class Occupancy {

    private final LongAdder[] groups = {new LongAdder(), new LongAdder()};
    private volatile int current;
    private long closedAt = System.nanoTime();

    /** @return the group to decrement when the message leaves */
    LongAdder enter() {
        LongAdder group = groups[current];
        group.increment();
        return group;
    }

    /**
     * Whether every message in the route arrived within that time. May return false when an older message has just
     * left; a later call then returns true.
     */
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
