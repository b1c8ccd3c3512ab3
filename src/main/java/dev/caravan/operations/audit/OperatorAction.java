package dev.caravan.operations.audit;

import java.time.Instant;

/**
 * An action of an operator.
 *
 * @param via {@code rest} or {@code jmx}
 * @param target for example a route id
 * @param error the reason of a failure; null after success
 */
public record OperatorAction(Instant at, String who, String via, String action, String target, String error) {}
