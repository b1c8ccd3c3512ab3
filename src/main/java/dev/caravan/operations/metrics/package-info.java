/** Metrics: counters that add up, timers of routes, consumer lag. */
package dev.caravan.operations.metrics;
