package dev.caravan.platform.reliability;

import java.time.Instant;

/**
 * One failed attempt to process a record.
 *
 * @param route the innermost route that failed
 * @param node its failed step, as named in the route file
 */
record Attempt(Instant at, String route, String node, String exception, String reason) {}
