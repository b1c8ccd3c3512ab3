package dev.caravan.platform.http;

import java.time.Duration;
import java.util.List;

/**
 * What the business port puts up with.
 *
 * @param headerBytes largest headers of a request, all together
 * @param connections at most so many at once; more are closed as they come
 * @param requests at most so many in flight; more are 503
 * @param readTimeout within this a request has come whole, and a connection begins the next one
 * @param hosts the names by which callers without a token may call
 * @param origins the web pages that may call, {@code *} for any; none: CORS is off
 */
public record Limits(
        int headerBytes, int connections, int requests, Duration readTimeout, HostNames hosts, List<String> origins) {}
