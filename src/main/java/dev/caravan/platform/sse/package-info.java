/** The component {@code sse:}: routes that stream database pages as Server-Sent Events. */
package dev.caravan.platform.sse;
