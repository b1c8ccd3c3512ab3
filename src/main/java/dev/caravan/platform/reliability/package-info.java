/** Consumers that lose nothing and apply each message once: attempts in place, retry topics, dead-letter topics, deduplication. */
package dev.caravan.platform.reliability;
