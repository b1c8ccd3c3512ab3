package dev.caravan.operations.health;

import java.util.Optional;

/** What the broker that runs inside this program says of itself. */
public interface BrokerState {

    /** Why it takes no records any more; empty while it does. */
    Optional<String> failure();
}
