package dev.caravan.operations.management;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/** Serves Hawtio's pages, and the part of Hawtio's server that they need, without login and plugins. */
final class Hawtio {

    static final String PATH = "/hawtio";

    private static final Map<String, String> ANSWERS = Map.of(
            "user", "\"public\"",
            "plugin", "[]",
            "keycloak/enabled", "false",
            "auth/config", "{}",
            "auth/config/session-timeout", "{\"timeout\":-1}",
            "proxy/enabled", "false",
            "preset-connections", "[]",
            "hawtconfig.json",
                    """
                    {"branding":{"appName":"Caravan","appLogoUrl":"img/hawtio-logo.svg"},"disabledRoutes":["/connect"]}""");

    /** Allows nothing from other hosts, because their scripts would have an operator's rights. */
    private static final String POLICY =
            "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

    /** The address from which the tab Source loads its editor. It is replaced by that of the copy in our jar. */
    private static final Pattern CDN = Pattern.compile("https://cdn\\.jsdelivr\\.net/npm/monaco-editor@[\\d.]+/min/vs");

    private static final String EDITOR = PATH + "/vs";

    private static final Pattern SCRIPT = Pattern.compile(PATH + "/static/js/[\\w.-]+\\.js");

    private Hawtio() {}

    /** @param folder the folder of the pages */
    static void attachTo(Router router, Path folder, ManagementGuard managementGuard) {
        router.route(HttpMethod.GET, PATH + "*")
                .handler(request -> managementGuard.admit(request, () -> {
                    request.response()
                            .putHeader("X-Content-Type-Options", "nosniff")
                            .putHeader("X-Frame-Options", "DENY")
                            .putHeader("Content-Security-Policy", POLICY);
                    if (!request.normalizedPath().startsWith(PATH + "/static/")) {
                        // Only the names of static files contain a hash of the content.
                        request.response().putHeader("Cache-Control", "no-cache");
                    }
                    serve(request);
                }));
        router.route(HttpMethod.GET, EDITOR + "/*").handler(StaticHandler.create("META-INF/resources/hawtio/vs"));
        router.route(HttpMethod.GET, PATH + "/static/js/*").handler(request -> script(request, folder));
        router.route(HttpMethod.GET, PATH + "/*")
                .handler(StaticHandler.create(FileSystemAccess.ROOT, folder.toString()))
                .handler(Hawtio::page);
    }

    private static void serve(RoutingContext request) {
        String path = request.normalizedPath();
        if (path.equals(PATH)) {
            request.redirect(PATH + "/");
            return;
        }
        String answer = path.startsWith(PATH + "/") ? ANSWERS.get(path.substring(PATH.length() + 1)) : null;
        if (answer == null) {
            request.next();
        } else {
            request.response().putHeader("Content-Type", "application/json").end(answer);
        }
    }

    /** Serves a script of Hawtio with the address of our editor instead of the CDN's. */
    private static void script(RoutingContext request, Path folder) {
        String path = request.normalizedPath();
        if (!SCRIPT.matcher(path).matches()) {
            request.next();
            return;
        }
        request.vertx()
                // ISO 8859-1 keeps all bytes, and the address is ASCII.
                .executeBlocking(() -> CDN.matcher(Files.readString(
                                folder.resolve(path.substring(PATH.length() + 1)), StandardCharsets.ISO_8859_1))
                        .replaceAll(EDITOR))
                .onSuccess(text -> request.response()
                        .putHeader("Content-Type", "text/javascript;charset=utf-8")
                        .putHeader("Cache-Control", "public, immutable, max-age=86400")
                        .end(Buffer.buffer(text, StandardCharsets.ISO_8859_1.name())))
                .onFailure(missing -> request.next());
    }

    /** The paths of Hawtio's views have no files. Each of them serves the single page. */
    private static void page(RoutingContext request) {
        String accepted = request.request().getHeader("Accept");
        if (accepted != null && accepted.contains("text/html")) {
            request.reroute(PATH + "/index.html");
        } else {
            request.next();
        }
    }
}
