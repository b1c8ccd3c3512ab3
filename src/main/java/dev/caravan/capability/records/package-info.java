/** Records as Kafka has them: found by key or trace, and read live. */
package dev.caravan.capability.records;
