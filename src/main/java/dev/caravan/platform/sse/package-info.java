/** The component {@code sse:}: routes that write Server-Sent Events from pages of a database. */
package dev.caravan.platform.sse;
