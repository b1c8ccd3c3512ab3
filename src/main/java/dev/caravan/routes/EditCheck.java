package dev.caravan.routes;

import java.util.Map;
import java.util.Optional;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Part of readiness, but never a reason against it: a rejected edit leaves the routes of before. */
public final class EditCheck extends AbstractHealthCheck {

    public EditCheck() {
        super("caravan", "routes");
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        RouteFiles files = getCamelContext().getRegistry().findSingleByType(RouteFiles.class);
        files.edits().values().stream()
                .map(RouteFiles.Edit::rejected)
                .flatMap(Optional::stream)
                .findFirst()
                .ifPresent(rejected -> builder.message("last edit rejected").detail("rejected", rejected.toString()));
        builder.up();
    }
}
