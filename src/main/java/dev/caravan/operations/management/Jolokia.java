package dev.caravan.operations.management;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.live.OperatedRoutes;
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
 * Camel's Jolokia behind the {@link ManagementGuard}, from its first request on. What it may do is {@code jolokia-access.xml}. It takes
 * POST alone, so that no link and no image of another page does anything; a GET only gets its version.
 */
final class Jolokia extends DefaultJolokiaPlatformHttpPlugin {

    static final String PATH = "/jolokia";

    private static final String POLICY = "/jolokia-access.xml";

    private static final Set<String> KINDS = Set.of("read", "exec", "write", "list", "search", "version");

    private final ManagementGuard managementGuard;
    private final OperatedRoutes routes;

    Jolokia(ManagementGuard managementGuard, OperatedRoutes routes) {
        this.managementGuard = managementGuard;
        this.routes = routes;
        // Without one Jolokia would allow everything.
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
                requireKnown(request.body().buffer());
            } else if (!asksForVersion(request)) {
                request.response().putHeader("Allow", "POST");
                throw ProblemException.of(405, "method-not-allowed", "This path takes POST.");
            }
            // Found to be ours; the policy knows no port and lets in none.
            request.request().headers().remove("Origin").remove("Referer");
            // A route that is stopped finishes what it has first: that is no work for the thread that reads requests.
            request.vertx()
                    .<Void>executeBlocking(
                            () -> {
                                routes.by(request.get(ManagementGuard.WHO), "jmx", () -> jolokia.handle(request));
                                return null;
                            },
                            false)
                    .onFailure(request::fail);
        } catch (ProblemException problemException) {
            ManagementGuard.answer(request.response(), problemException);
        }
    }

    /** The policy does not keep off notifications, and what is asked of another JVM would be answered by this one. */
    private static void requireKnown(Buffer body) {
        JsonNode asked;
        try {
            asked = Json.MAPPER.readTree(body == null ? new byte[0] : body.getBytes());
        } catch (IOException e) {
            throw ProblemException.malformed("The body is no JSON.");
        }
        for (JsonNode each : asked.isArray() ? asked : List.of(asked)) {
            if (!KINDS.contains(each.path("type").asText().toLowerCase(Locale.ROOT)) || each.has("target")) {
                throw ProblemException.of(
                        403, "forbidden", "Jolokia reads, executes, lists and searches here, and asks no other JVM.");
            }
        }
    }

    private static boolean asksForVersion(RoutingContext request) {
        return request.request().query() == null && request.normalizedPath().matches(PATH + "(/|/version)?");
    }
}
