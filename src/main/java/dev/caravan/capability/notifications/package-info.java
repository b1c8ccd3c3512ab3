/** Notifications: adds the names of sender and recipient to the record. */
package dev.caravan.capability.notifications;
