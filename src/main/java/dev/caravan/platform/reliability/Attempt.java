package dev.caravan.platform.reliability;

import java.time.Instant;

/**
 * One attempt at a record that failed.
 *
 * @param route the innermost route that failed
 * @param node the step of it that did, as the route's file names it
 */
record Attempt(Instant at, String route, String node, String exception, String reason) {}
