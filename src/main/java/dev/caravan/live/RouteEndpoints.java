package dev.caravan.live;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.rest.RestEndpoint;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.util.URISupport;

/**
 * The endpoints that a route consumes from and sends to, without options, which may contain passwords. A URI that
 * depends on the message is shown as written.
 */
final class RouteEndpoints {

    private RouteEndpoints() {}

    static void describe(Route route, ObjectNode node) {
        ModelCamelContext context = (ModelCamelContext) route.getCamelContext();
        Endpoint from = route.getEndpoint();
        node.put("from", shown(from.getEndpointUri()));
        if (from instanceof RestEndpoint rest) {
            String template = rest.getUriTemplate() == null ? "" : "/" + rest.getUriTemplate();
            operation(node, rest.getMethod(), (rest.getPath() + template).replaceAll("/{2,}", "/"));
        } else if (from instanceof PlatformHttpEndpoint http) {
            operation(node, http.getHttpMethodRestrict(), http.getPath());
        } else {
            node.putNull("operation");
        }
        List<String> to = to(context, context.getRouteDefinition(route.getRouteId()));
        to.forEach(node.putArray("to")::add);
    }

    private static void operation(ObjectNode node, String method, String path) {
        node.putObject("operation")
                .put("method", method == null ? null : method.toUpperCase(Locale.ROOT))
                .put("path", path);
    }

    private static List<String> to(CamelContext context, RouteDefinition route) {
        return route == null
                ? List.of()
                : ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ProcessorDefinition.class).stream()
                        .flatMap(RouteEndpoints::uri)
                        .map(uri -> shown(resolved(context, uri)))
                        .distinct()
                        .toList();
    }

    private static Stream<String> uri(ProcessorDefinition<?> step) {
        if (step instanceof ToDynamicDefinition dynamic) {
            return Stream.of(dynamic.getUri());
        }
        return step instanceof EndpointRequiredDefinition fixed ? Stream.of(fixed.getEndpointUri()) : Stream.empty();
    }

    private static String resolved(CamelContext context, String uri) {
        try {
            return context.resolvePropertyPlaceholders(uri);
        } catch (IllegalArgumentException e) {
            return uri;
        }
    }

    static String shown(String uri) {
        if (uri.startsWith("sql:")) {
            // The rest of the URI is the statement.
            return "sql";
        }
        int options = uri.indexOf('?');
        // The options are cut first, because sanitizing a long text is slow.
        return URISupport.sanitizeUri(options < 0 ? uri : uri.substring(0, options))
                .replaceFirst("^([\\w-]+):(?://)?", "$1:");
    }
}
