package dev.caravan.platform.http;

import java.time.Duration;
import java.util.List;

/**
 * Limits of the business port.
 *
 * @param headerBytes maximum size of a request's headers, in total
 * @param connections maximum open connections; more are closed at once
 * @param requests maximum requests in flight; more get 503
 * @param readTimeout time in which a request must arrive completely, and an idle connection must begin the next one
 * @param hosts host names by which callers without a token may call
 * @param origins origins whose pages may call, {@code *} for any; empty: CORS is off
 */
public record Limits(
        int headerBytes, int connections, int requests, Duration readTimeout, HostNames hosts, List<String> origins) {}
