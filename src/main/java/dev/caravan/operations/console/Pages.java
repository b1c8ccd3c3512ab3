package dev.caravan.operations.console;

import dev.caravan.platform.context.Sha256;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Serves the console's files from the class path to every client; they hold no data. The pages call the public API with
 * the user's token. At {@code /}, clients that accept HTML get the console, and all others get the same answer as
 * without a console.
 */
public final class Pages implements Handler<RoutingContext> {

    private static final String FOLDER = "/console/";
    private static final Pattern FILE = Pattern.compile("(?:lib/)?[a-z][a-z-]{0,40}\\.(?:css|js|svg)");

    private static final Pattern IMPORT_MAP =
            Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

    private final Map<String, PageFile> files = new ConcurrentHashMap<>();
    private final PageFile index;
    private final String policy;

    public Pages() {
        index = PageFile.of("index.html").orElseThrow();
        // The import map is the only inline script; browsers do not load import maps from files.
        Matcher importMap = IMPORT_MAP.matcher(new String(index.bytes(), StandardCharsets.UTF_8));
        importMap.find();
        String hash = Base64.getEncoder().encodeToString(Sha256.of(importMap.group(1)));
        policy = "default-src 'self'; script-src 'self' 'sha256-" + hash + "'"
                + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
    }

    @Override
    public void handle(RoutingContext request) {
        Optional<PageFile> file = isRead(request.request()) ? find(request) : Optional.empty();
        if (file.isEmpty()) {
            request.next();
        } else {
            answer(request.request(), file.get());
        }
    }

    private static boolean isRead(HttpServerRequest request) {
        return request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
    }

    private Optional<PageFile> find(RoutingContext request) {
        String path = request.normalizedPath();
        if (path.equals("/")) {
            String accepted = request.request().getHeader("Accept");
            return accepted != null && accepted.contains("text/html") ? Optional.of(index) : Optional.empty();
        }
        if (!path.startsWith(FOLDER)
                || !FILE.matcher(path).region(FOLDER.length(), path.length()).matches()) {
            return Optional.empty();
        }
        String name = path.substring(FOLDER.length());
        PageFile known = files.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        // Only existing files are cached, so callers cannot fill the memory.
        Optional<PageFile> found = PageFile.of(name);
        found.ifPresent(file -> files.put(name, file));
        return found;
    }

    private void answer(HttpServerRequest request, PageFile file) {
        HttpServerResponse response = request.response()
                .putHeader("Content-Security-Policy", policy)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("Cache-Control", "no-cache")
                .putHeader("Vary", "Accept, Accept-Encoding")
                .putHeader("ETag", file.tag());
        String seen = request.getHeader("If-None-Match");
        if (seen != null && seen.contains(file.tag())) {
            response.setStatusCode(304).end();
            return;
        }
        String coding = request.getHeader("Accept-Encoding");
        boolean gzip = coding != null && coding.contains("gzip");
        if (gzip) {
            response.putHeader("Content-Encoding", "gzip");
        }
        response.putHeader("Content-Type", file.type());
        byte[] bytes = gzip ? file.compressed() : file.bytes();
        if (request.method() == HttpMethod.HEAD) {
            response.putHeader("Content-Length", Integer.toString(bytes.length)).end();
        } else {
            response.end(io.vertx.core.buffer.Buffer.buffer(bytes));
        }
    }
}
