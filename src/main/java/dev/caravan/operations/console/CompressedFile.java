package dev.caravan.operations.console;

import dev.caravan.platform.context.Sha256;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * A file of the console, compressed once. Vert.x would compress it for each request, and all other responses too.
 *
 * @param tag the ETag
 */
record CompressedFile(Buffer gzip, String type, String tag) {

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html;charset=utf-8",
            "css", "text/css;charset=utf-8",
            "js", "text/javascript;charset=utf-8",
            "svg", "image/svg+xml");

    /** @return null if there is no such file, or if pages do not load files of its type */
    static CompressedFile of(String location) {
        String type = TYPES.get(location.substring(location.lastIndexOf('.') + 1));
        try (InputStream in = CompressedFile.class.getResourceAsStream(location)) {
            return in == null || type == null ? null : of(in.readAllBytes(), type);
        } catch (IOException e) {
            return null;
        }
    }

    private static CompressedFile of(byte[] bytes, String type) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        String digest = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Sha256.of(bytes))
                .substring(0, 22);
        // Weak, because the compressed and the plain file share it.
        return new CompressedFile(Buffer.buffer(packed.toByteArray()), type, "W/\"" + digest + '"');
    }
}
