/** What the notifications capability needs beyond its route file: the names of sender and recipient. */
package dev.caravan.capability.notifications;
