/** Message status: from the rows about a message, else from its record in Kafka. */
package dev.caravan.capability.messages;
