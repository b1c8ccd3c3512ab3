package dev.caravan.operations.health;

import java.util.Optional;

/** The state of the embedded broker. */
public interface BrokerState {

    /** Why the broker no longer accepts records; empty while it does. */
    Optional<String> failure();
}
