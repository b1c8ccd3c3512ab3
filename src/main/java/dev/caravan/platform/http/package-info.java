/**
 * The HTTP server: mapping of requests to exchanges, limits, timeouts, authentication before any route, graceful stop.
 */
package dev.caravan.platform.http;
