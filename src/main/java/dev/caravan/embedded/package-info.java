/** The embedded Kafka broker, used when no broker is given. Only the start of the program uses it. */
package dev.caravan.embedded;
