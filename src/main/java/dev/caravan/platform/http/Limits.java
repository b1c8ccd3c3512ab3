package dev.caravan.platform.http;

import java.time.Duration;
import java.util.List;

/**
 * Limits of the business port.
 *
 * @param headerBytes maximum size of a request's headers, in total
 * @param connections maximum open connections; further ones are closed at once
 * @param requests maximum requests in flight; further ones get 503
 * @param readTimeout maximum time for a request to arrive completely, and maximum idle time of a connection
 * @param hosts allowed values of {@code Host} while authentication is off
 * @param origins origins of CORS, {@code *} for any; empty: CORS is off
 */
public record Limits(
        int headerBytes, int connections, int requests, Duration readTimeout, HostNames hosts, List<String> origins) {}
