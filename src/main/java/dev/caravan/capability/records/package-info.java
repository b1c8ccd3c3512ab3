/** Records in Kafka: search by key or trace, and a live stream of a topic. */
package dev.caravan.capability.records;
