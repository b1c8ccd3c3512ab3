package dev.caravan.operations.management;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.nio.file.Path;
import java.util.Map;

/** Hawtio's pages, and the part of its server that they need. It has no login and no plugins. */
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

    /** Nothing from another host: the editor of its tab Source would load scripts from a CDN, which then act with an operator's rights. */
    private static final String POLICY =
            "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

    private Hawtio() {}

    /** @param folder the folder of the pages */
    static void attachTo(Router router, Path folder, ManagementGuard managementGuard) {
        router.route(HttpMethod.GET, PATH + "*")
                .handler(request -> managementGuard.admit(request, () -> {
                    request.response()
                            .putHeader("X-Content-Type-Options", "nosniff")
                            .putHeader("X-Frame-Options", "DENY")
                            .putHeader("Content-Security-Policy", POLICY);
                    serve(request);
                }));
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

    /** Hawtio's views have paths without files; each serves the single page. */
    private static void page(RoutingContext request) {
        String accepted = request.request().getHeader("Accept");
        if (accepted != null && accepted.contains("text/html")) {
            request.reroute(PATH + "/index.html");
        } else {
            request.next();
        }
    }
}
