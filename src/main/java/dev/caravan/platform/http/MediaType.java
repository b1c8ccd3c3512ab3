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
        if (given != null && !isNormal(given)) {
            int end = end(given);
            headers.set(
                    HttpHeaders.CONTENT_TYPE,
                    given.substring(0, end).strip().toLowerCase(Locale.ROOT) + given.substring(end));
        }
    }

    private static boolean isNormal(String type) {
        int end = end(type);
        for (int i = 0; i < end; i++) {
            char c = type.charAt(i);
            if (c <= ' ' || c >= 'A' && c <= 'Z') {
                return false;
            }
        }
        return true;
    }

    private static int end(String type) {
        int semicolon = type.indexOf(';');
        return semicolon < 0 ? type.length() : semicolon;
    }
}
