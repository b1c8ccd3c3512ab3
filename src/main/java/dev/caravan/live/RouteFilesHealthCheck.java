package dev.caravan.live;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Route;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Reports rejected edits and routes that an operator stopped. A rejected edit keeps the check up, because the previous
 * routes run. The check is down while a route is missing for another reason.
 */
public final class RouteFilesHealthCheck extends AbstractHealthCheck {

    public RouteFilesHealthCheck() {
        super("caravan", "routes");
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        RouteFiles files = getCamelContext().getRegistry().findSingleByType(RouteFiles.class);
        AuditedRouteController controller =
                (AuditedRouteController) getCamelContext().getRouteController();
        List<String> missing = files.running().map(CandidateRoutes::ids).orElse(Set.of()).stream()
                .filter(id -> getCamelContext().getRoute(id) == null)
                .sorted()
                .toList();
        List<String> stopped = getCamelContext().getRoutes().stream()
                .map(Route::getId)
                .flatMap(id -> controller.stop(id).map(stop -> id + " " + stop).stream())
                .sorted()
                .toList();
        builder.up();
        if (!stopped.isEmpty()) {
            builder.message(String.join(", ", stopped));
        }
        files.edits().values().stream()
                .map(RouteFiles.FileEdit::rejected)
                .flatMap(Optional::stream)
                .findFirst()
                .ifPresent(e -> builder.message("last edit rejected").detail("rejected", e.toString()));
        if (!missing.isEmpty()) {
            builder.message("missing: " + String.join(", ", missing)).down();
        }
    }
}
