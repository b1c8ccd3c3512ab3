/** Webhooks: deliveries of records to HTTPS endpoints of users and topics. */
package dev.caravan.capability.webhooks;
