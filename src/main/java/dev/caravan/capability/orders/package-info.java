/** What the orders capability needs beyond its route file: the answer that names the message of an order. */
package dev.caravan.capability.orders;
