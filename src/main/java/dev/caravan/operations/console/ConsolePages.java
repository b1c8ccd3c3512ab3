package dev.caravan.operations.console;

import dev.caravan.platform.context.Sha256;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Serves the console's files from the class path to all clients, because they contain no data. The pages call the public
 * API with the user's token. At {@code /}, clients that accept HTML get the console, and all others get the same answer
 * as without a console.
 *
 * <p>Adds an {@code ETag} and compressed files to what Vert.x's {@link StaticHandler} does.
 */
public final class ConsolePages implements Handler<RoutingContext> {

    static final String ROOT = "META-INF/resources/console/";
    private static final String FOLDER = "/console/";
    private static final String INDEX = "index.html";

    private static final Pattern IMPORT_MAP =
            Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

    private final Map<String, CompressedFile> files = new ConcurrentHashMap<>();
    private final StaticHandler plain = StaticHandler.create("META-INF/resources")
            .setIndexPage("console/" + INDEX)
            .setCachingEnabled(false)
            .setDefaultContentEncoding("utf-8");
    private final String policy;

    public ConsolePages() {
        // The import map is the only inline script, because browsers do not load import maps from files.
        Matcher importMap = IMPORT_MAP.matcher(index());
        importMap.find();
        String hash = Base64.getEncoder().encodeToString(Sha256.of(importMap.group(1)));
        policy = "default-src 'self'; script-src 'self' 'sha256-" + hash + "'"
                + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
    }

    private static String index() {
        try (InputStream in = ConsolePages.class.getResourceAsStream("/" + ROOT + INDEX)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void handle(RoutingContext request) {
        HttpMethod method = request.request().method();
        CompressedFile file = method == HttpMethod.GET || method == HttpMethod.HEAD ? find(request) : null;
        if (file == null) {
            request.next();
        } else {
            answer(request, file);
        }
    }

    private CompressedFile find(RoutingContext request) {
        String path = request.normalizedPath();
        if (path.equals("/")) {
            String accepted = request.request().getHeader(HttpHeaders.ACCEPT);
            return accepted != null && accepted.contains("text/html") ? file(INDEX) : null;
        }
        return path.startsWith(FOLDER) && !path.equals(FOLDER + INDEX) ? file(path.substring(FOLDER.length())) : null;
    }

    /** Caches only existing files, so clients cannot fill the heap. */
    private CompressedFile file(String name) {
        return files.computeIfAbsent(name, each -> CompressedFile.of("/" + ROOT + each));
    }

    private void answer(RoutingContext request, CompressedFile file) {
        HttpServerResponse response = request.response()
                .putHeader("Content-Security-Policy", policy)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(HttpHeaders.VARY, "Accept, Accept-Encoding")
                .putHeader(HttpHeaders.ETAG, file.tag());
        String coding = request.request().getHeader(HttpHeaders.ACCEPT_ENCODING);
        if (request.isFresh()) {
            response.setStatusCode(304).end();
        } else if (request.request().method() == HttpMethod.GET && coding != null && coding.contains("gzip")) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip")
                    .putHeader(HttpHeaders.CONTENT_TYPE, file.type())
                    .end(file.gzip());
        } else {
            plain.handle(request);
        }
    }
}
