/**
 * The HTTP server: requests to and from exchanges, limits, authentication before any route, timeouts, and orderly
 * stops.
 */
package dev.caravan.platform.http;
