/** Clients of Kafka: consumers that commit after their transaction, and a producer that never blocks an event loop. */
package dev.caravan.platform.kafka;
