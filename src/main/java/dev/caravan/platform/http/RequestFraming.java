package dev.caravan.platform.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Detects requests whose end or target a proxy in front may interpret differently. Checks only the forms that Netty
 * accepts: a {@code Transfer-Encoding} other than {@code chunked}, header lines without a name, and control characters
 * in the request line. With HTTP/2, {@code CONNECT} has no target.
 */
final class RequestFraming {

    private static final Pattern INVALID_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private RequestFraming() {}

    static boolean isAmbiguous(HttpServerRequest request) {
        List<String> encodings = request.headers().getAll("Transfer-Encoding");
        boolean plainEncoding = encodings.isEmpty()
                || encodings.size() == 1
                        && encodings.get(0).equalsIgnoreCase("chunked")
                        && request.version() == HttpVersion.HTTP_1_1;
        return request.uri() == null
                || !plainEncoding
                || request.headers().contains("")
                || !isPlain(request.method().name())
                || !isPlain(request.uri())
                // Vert.x' router throws on an invalid escape, outside every handler.
                || request.uri().indexOf('%') >= 0
                        && INVALID_ESCAPE.matcher(request.uri()).find();
    }

    private static boolean isPlain(String word) {
        return word.chars().allMatch(c -> c > ' ' && c != 0x7f);
    }
}
