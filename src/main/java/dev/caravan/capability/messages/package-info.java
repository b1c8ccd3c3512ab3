/** Where a message is: the rows that tell of it, or else its record in Kafka. */
package dev.caravan.capability.messages;
