package dev.caravan.platform.edge;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.ProcessorEndpoint;

/**
 * {@code problem:404?type=not-found&detail=No such order}: ends the route and answers the request with that problem.
 */
public final class ProblemComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String status, Map<String, Object> parameters) {
        int code = Integer.parseInt(status);
        String type = getAndRemoveParameter(parameters, "type", String.class);
        String detail = getAndRemoveParameter(parameters, "detail", String.class);
        return new ProcessorEndpoint(uri, this, exchange -> {
            throw ProblemException.of(code, type, detail);
        });
    }
}
