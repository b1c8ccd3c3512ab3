/** Inboxes: the aggregation repository, which numbers notifications without gaps, and pages. */
package dev.caravan.capability.inbox;
