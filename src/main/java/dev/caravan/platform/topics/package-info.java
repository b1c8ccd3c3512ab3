/**
 * Topics and their consumers: names of retry and dead-letter topics, topic ids, counters of records, and the creation
 * of missing topics.
 */
package dev.caravan.platform.topics;
