/** Inboxes: the aggregation repository, which numbers notifications without gaps, pages and streams. */
package dev.caravan.capability.inbox;
