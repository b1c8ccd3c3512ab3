/** Metrics: figures of consumers, route timers, consumer lag. */
package dev.caravan.operations.metrics;
