/** Publishing: a receipt once Kafka has acknowledged the record, or an error within {@code PUBLISH_TIMEOUT}. */
package dev.caravan.platform.publish;
