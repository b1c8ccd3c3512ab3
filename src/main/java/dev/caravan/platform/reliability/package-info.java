/**
 * Consumers that lose no record and apply each message once: in-place retries, retry topics, dead-letter topics,
 * deduplication.
 */
package dev.caravan.platform.reliability;
