/** Orders: the response for a stored order. */
package dev.caravan.capability.orders;
