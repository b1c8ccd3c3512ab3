/** Inboxes: the aggregation repository that appends notifications, numbered without gaps, and the pages that show them. */
package dev.caravan.capability.inbox;
