package dev.caravan.platform.http;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.rest.ParamDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.RestParamType;
import org.apache.camel.model.rest.VerbDefinition;

/**
 * Selects the headers and query parameters of a request that reach its route: usual headers, those that begin with
 * {@code ce-} or {@code X-}, and declared ones. A REST operation that declares parameters gets no other query
 * parameters; any other operation gets all except those with the name of a selected header.
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
                        && segments(
                                        context,
                                        Objects.toString(rest.getPath(), "") + "/"
                                                + Objects.toString(verb.getPath(), ""))
                                .equals(segments(context, path))) {
                    return new Parameters(verb.getParams());
                }
            }
        }
        return new Parameters(List.of());
    }

    private static List<String> segments(ModelCamelContext context, String path) {
        return Arrays.stream(context.resolvePropertyPlaceholders(path).split("/"))
                .filter(segment -> !segment.isEmpty())
                .toList();
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
