package dev.caravan.platform.http;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.rest.ParamDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.RestParamType;
import org.apache.camel.model.rest.VerbDefinition;

/**
 * Selects the headers and query parameters of a request that reach its route. A header does if it is a usual one,
 * begins with {@code ce-} or {@code X-}, or is declared. Query parameters with the name of such a header are dropped. A
 * REST operation that declares parameters gets no other query parameters.
 */
final class Parameters {

    private static final Set<String> USUAL = names(List.of(
            "Accept",
            "Accept-Language",
            "baggage",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "Last-Event-ID",
            "Message-ID",
            "traceparent",
            "tracestate",
            "User-Agent"));

    private final Set<String> headers = names(USUAL);

    /** Null for all. */
    private final Set<String> query;

    private Parameters(List<ParamDefinition> declared) {
        query = declared.isEmpty() ? null : new HashSet<>();
        for (ParamDefinition param : declared) {
            if (param.getType() == RestParamType.header) {
                headers.add(param.getName());
            } else if (param.getType() == RestParamType.query) {
                query.add(param.getName());
            }
        }
    }

    private static Set<String> names(Iterable<String> names) {
        Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.forEach(set::add);
        return set;
    }

    /** The declared parameters of the REST operation with this method and path. */
    static Parameters of(ModelCamelContext context, String method, String path) {
        for (RestDefinition rest : context.getRestDefinitions()) {
            for (VerbDefinition verb : rest.getVerbs()) {
                if (verb.asVerb().toUpperCase(Locale.ROOT).equals(method)
                        && segments(context, text(rest.getPath()) + "/" + text(verb.getPath()))
                                .equals(segments(context, path))) {
                    return new Parameters(verb.getParams());
                }
            }
        }
        return new Parameters(List.of());
    }

    private static List<String> segments(ModelCamelContext context, String path) {
        return List.of(context.resolvePropertyPlaceholders(path).split("/")).stream()
                .filter(segment -> !segment.isEmpty())
                .toList();
    }

    private static String text(String path) {
        return path == null ? "" : path;
    }

    boolean takesHeader(String name) {
        return startsWith(name, "ce-") || startsWith(name, "X-") || headers.contains(name);
    }

    boolean takesQuery(String name) {
        return query == null ? !takesHeader(name) : query.contains(name);
    }

    private static boolean startsWith(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }
}
