package dev.caravan.platform.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.HexFormat;
import java.util.List;

/**
 * Detects requests whose end or target a proxy in front may interpret differently. It only checks what Netty has
 * parsed: Netty accepts a {@code Transfer-Encoding} other than {@code chunked}, header lines without a name, and
 * control characters in the request line. With HTTP/2, {@code CONNECT} has no target.
 */
final class RequestFraming {

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
                || !isDecodable(request.uri());
    }

    private static boolean isPlain(String word) {
        return word.chars().allMatch(c -> c > ' ' && c != 0x7f);
    }

    /** Vert.x' router throws on an invalid escape, outside every handler. */
    private static boolean isDecodable(String target) {
        for (int at = target.indexOf('%'); at >= 0; at = target.indexOf('%', at + 1)) {
            if (at + 2 >= target.length()
                    || !HexFormat.isHexDigit(target.charAt(at + 1))
                    || !HexFormat.isHexDigit(target.charAt(at + 2))) {
                return false;
            }
        }
        return true;
    }
}
