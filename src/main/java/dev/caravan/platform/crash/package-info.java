/** Points at which a test ends the process; they do nothing in production. */
package dev.caravan.platform.crash;
