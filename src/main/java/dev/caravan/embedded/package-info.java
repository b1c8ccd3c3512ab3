/** The embedded Kafka broker, used when KAFKA_BROKERS is unset. */
package dev.caravan.embedded;
