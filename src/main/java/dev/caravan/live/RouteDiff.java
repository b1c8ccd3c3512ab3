package dev.caravan.live;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.model.RouteDefinition;

/**
 * The changes between two candidates. A route changes if its own model differs, including its route configurations, or
 * if it names a changed bean, directly or through other beans.
 *
 * @param touched ids of running routes that must stop
 * @param started ids of routes that must start, including the successors of the touched ones
 * @param beans names of beans to replace, add or remove
 */
record RouteDiff(Set<String> touched, Set<String> started, Set<String> beans) {

    /** The routes and beans of a candidate, each as text. Equal parts have equal texts. */
    record Texts(Map<String, String> routes, Map<String, String> beans) {

        static Texts of(CandidateRoutes candidate) {
            Map<String, String> configurations = new HashMap<>();
            candidate.configurations().forEach(each -> configurations.put(each.getId(), candidate.xml(each)));
            Map<String, String> routes = new HashMap<>();
            for (RouteDefinition route : candidate.routes()) {
                StringBuilder text = new StringBuilder(candidate.source(route)).append(candidate.xml(route));
                CandidateRoutes.policies(route).forEach(policy -> text.append(configurations.get(policy)));
                if (CandidateRoutes.isOpenApi(route)) {
                    // The operations are complete only after the route is created.
                    candidate.rests().forEach(rest -> text.append(candidate.xml(rest)));
                }
                routes.put(
                        route.getRouteId(),
                        text.append(route.getTemplateParameters()).toString());
            }
            Map<String, String> beans = new HashMap<>();
            candidate.beans().forEach(bean -> beans.put(bean.getName(), candidate.xml(bean)));
            return new Texts(routes, beans);
        }
    }

    static RouteDiff between(Texts before, Texts after) {
        Set<String> beans = differing(before.beans(), after.beans());
        boolean more = true;
        while (more) {
            more = beans.addAll(naming(beans, before.beans())) | beans.addAll(naming(beans, after.beans()));
        }
        Set<String> routes = differing(before.routes(), after.routes());
        routes.addAll(naming(beans, before.routes()));
        routes.addAll(naming(beans, after.routes()));
        return new RouteDiff(intersection(routes, before.routes()), intersection(routes, after.routes()), beans);
    }

    private static Set<String> differing(Map<String, String> before, Map<String, String> after) {
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        names.removeIf(name -> before.getOrDefault(name, "").equals(after.getOrDefault(name, "")));
        return names;
    }

    /** The keys of the texts that contain one of the names as a word. */
    private static Set<String> naming(Set<String> names, Map<String, String> texts) {
        if (names.isEmpty()) {
            return Set.of();
        }
        Pattern any = Pattern.compile(
                names.stream().map(Pattern::quote).collect(Collectors.joining("|", "(?<![\\w.-])(", ")(?![\\w-])")));
        return texts.entrySet().stream()
                .filter(each -> any.matcher(each.getValue()).find())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static Set<String> intersection(Set<String> some, Map<String, String> known) {
        Set<String> both = new HashSet<>(some);
        both.retainAll(known.keySet());
        return both;
    }
}
