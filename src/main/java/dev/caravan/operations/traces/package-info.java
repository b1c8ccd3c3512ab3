/** OpenTelemetry traces from the HTTP call through Kafka to the database. */
package dev.caravan.operations.traces;
