package dev.caravan.operations.management;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.live.AuditedRouteController;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.camel.component.platform.http.plugin.DefaultJolokiaPlatformHttpPlugin;

/**
 * Camel's Jolokia, protected by the {@link ManagementGuard}. {@code jolokia-access.xml} defines what it may do. It
 * accepts only POST, so that links and images of other pages have no effect. A GET only returns its version.
 */
final class Jolokia extends DefaultJolokiaPlatformHttpPlugin {

    static final String PATH = "/jolokia";

    private static final String POLICY = "/jolokia-access.xml";

    private static final Set<String> TYPES = Set.of("read", "exec", "write", "list", "search", "version");

    private final ManagementGuard managementGuard;
    private final AuditedRouteController routes;

    Jolokia(ManagementGuard managementGuard, AuditedRouteController routes) {
        this.managementGuard = managementGuard;
        this.routes = routes;
        // Without a policy file Jolokia would allow everything.
        if (Jolokia.class.getResource(POLICY) == null) {
            throw new IllegalStateException(POLICY + " is not on the class path");
        }
    }

    @Override
    public Object getHandler() {
        @SuppressWarnings("unchecked")
        Handler<RoutingContext> jolokia = (Handler<RoutingContext>) super.getHandler();
        return (Handler<RoutingContext>) request -> managementGuard.admit(request, () -> handle(request, jolokia));
    }

    private void handle(RoutingContext request, Handler<RoutingContext> jolokia) {
        try {
            if (request.request().method() == HttpMethod.POST) {
                requireAllowed(request.body().buffer());
            } else if (!asksForVersion(request)) {
                request.response().putHeader("Allow", "POST");
                throw ProblemException.of(405, "method-not-allowed", "This path takes POST.");
            }
            // The guard has checked the origin. The policy ignores ports and would reject it.
            request.request().headers().remove("Origin").remove("Referer");
            // Stopping a route waits for its messages, so it must not run on the event loop.
            request.vertx()
                    .<Void>executeBlocking(
                            () -> {
                                routes.by(request.get(ManagementGuard.WHO), "jmx", () -> jolokia.handle(request));
                                return null;
                            },
                            false)
                    .onFailure(request::fail);
        } catch (ProblemException e) {
            ManagementGuard.answer(request.response(), e);
        }
    }

    /** The policy does not cover notifications, and Jolokia would answer requests for another JVM from this one. */
    private static void requireAllowed(Buffer body) {
        JsonNode requests;
        try {
            requests = Json.MAPPER.readTree(body == null ? new byte[0] : body.getBytes());
        } catch (IOException e) {
            throw ProblemException.malformed("The body is not JSON.");
        }
        for (JsonNode each : requests.isArray() ? requests : List.of(requests)) {
            if (!TYPES.contains(each.path("type").asText().toLowerCase(Locale.ROOT)) || each.has("target")) {
                throw ProblemException.of(
                        403,
                        "forbidden",
                        "Only read, exec, write, list, search and version requests to this JVM are allowed.");
            }
        }
    }

    private static boolean asksForVersion(RoutingContext request) {
        return request.request().query() == null && request.normalizedPath().matches(PATH + "(/|/version)?");
    }
}
