/** The management port: Jolokia with its policy, and Hawtio. */
package dev.caravan.operations.management;
