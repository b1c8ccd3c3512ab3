/** Health and readiness: Kafka, the database, and each consumer. */
package dev.caravan.operations.health;
