package dev.caravan.platform.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;

/**
 * Normalizes {@code Content-Type}: Vert.x compares it literally, but RFC 9110 ignores case and allows spaces before a
 * parameter.
 */
final class MediaType {

    private MediaType() {}

    /** Converts a request's type to lower case without spaces; keeps its parameters. */
    static void normalize(MultiMap headers) {
        String given = headers.get(HttpHeaders.CONTENT_TYPE);
        if (given != null) {
            int semicolon = given.indexOf(';');
            int end = semicolon < 0 ? given.length() : semicolon;
            String type = given.substring(0, end);
            String normal = type.strip().toLowerCase(Locale.ROOT);
            if (!normal.equals(type)) {
                headers.set(HttpHeaders.CONTENT_TYPE, normal + given.substring(end));
            }
        }
    }
}
