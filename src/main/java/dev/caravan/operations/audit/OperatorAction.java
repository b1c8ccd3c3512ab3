package dev.caravan.operations.audit;

import java.time.Instant;

/**
 * What an operator did.
 *
 * @param via {@code rest} or {@code jmx}
 * @param target what it was done to, for example the id of a route
 * @param error why it failed; null where it succeeded
 */
public record OperatorAction(Instant at, String who, String via, String action, String target, String error) {}
