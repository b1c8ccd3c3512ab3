package dev.caravan.operations.management;

import dev.caravan.live.AuditedRouteController;
import dev.caravan.operations.health.Readiness;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Roles;
import dev.caravan.platform.settings.Settings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * Adds Jolokia, Hawtio and probes to Camel's management port. The probes and the metrics are open to all clients of the
 * port. Everything else is protected by the {@link ManagementGuard}.
 */
public final class Management {

    private static final String HEALTH = "/observe/health";

    private final CamelContext context;
    private final Settings settings;
    private final ManagementGuard managementGuard;

    private Management(CamelContext context, Settings settings) {
        this.context = context;
        this.settings = settings;
        String host = settings.get("management.host");
        managementGuard = new ManagementGuard(
                context.getRegistry().findSingleByType(Authenticator.class),
                context.getRegistry().findSingleByType(Roles.class),
                host,
                Settings.isLoopback(host));
    }

    /** Call before the port opens. */
    public static Management of(CamelContext context, Settings settings) {
        Management management = new Management(context, settings);
        if (settings.is("jolokia.enabled")) {
            // Camel's management server uses the plugin of this name.
            context.getRegistry().bind("jolokia", new Jolokia(management.managementGuard, (AuditedRouteController)
                    context.getRouteController()));
        }
        return management;
    }

    /** Called when the program has started. */
    public void started() {
        VertxPlatformHttpRouter router = VertxPlatformHttpRouter.lookup(
                context, VertxPlatformHttpRouter.getRouterNameFromPort(settings.integer("management.port")));
        router.route(HttpMethod.GET, HEALTH)
                .order(-1)
                .handler(request -> managementGuard.admit(request, request::next));
        Readiness readiness = new Readiness(context);
        router.route(HttpMethod.GET, HEALTH + "/ready")
                .order(-1)
                .blockingHandler(
                        request -> {
                            Readiness.Answer answer = readiness.answer();
                            request.response()
                                    .setStatusCode(answer.isReady() ? 200 : 503)
                                    .putHeader("Content-Type", "application/json")
                                    .end(Buffer.buffer(answer.json()));
                        },
                        false);
        router.route(HttpMethod.GET, HEALTH + "/startup").handler(request -> request.response()
                .putHeader("Content-Type", "application/json")
                .end("{\"status\":\"UP\"}"));
        if (settings.is("jolokia.enabled") && hasHawtio()) {
            Hawtio.attachTo(router, hawtio(), managementGuard);
        }
        // Some monitors send HEAD.
        router.getRoutes().stream()
                .filter(route -> route.methods() != null && route.methods().contains(HttpMethod.GET))
                .forEach(route -> route.method(HttpMethod.HEAD));
    }

    /** Whether Hawtio's pages are available. */
    public boolean hasHawtio() {
        return !settings.get("hawtio.dir").isEmpty() && Files.isRegularFile(hawtio().resolve("index.html"));
    }

    private Path hawtio() {
        return Path.of(settings.get("hawtio.dir")).toAbsolutePath().normalize();
    }
}
