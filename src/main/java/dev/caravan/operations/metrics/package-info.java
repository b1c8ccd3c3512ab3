/** Metrics: counters with invariants, route timers, consumer lag. */
package dev.caravan.operations.metrics;
