package dev.caravan.live;

import java.util.HashSet;
import java.util.LinkedHashMap;
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
 * @param beans names of beans to create anew or to remove
 */
record RouteDiff(Set<String> touched, Set<String> started, Set<String> beans) {

    /** The routes and beans of one candidate, each as a text. Equal parts have equal texts. */
    record Prints(Map<String, String> routes, Map<String, String> beans) {

        static Prints of(CandidateRoutes candidateRoutes) {
            Map<String, String> configurations = new LinkedHashMap<>();
            candidateRoutes
                    .configurations()
                    .forEach(each -> configurations.put(each.getId(), candidateRoutes.xml(each)));
            Map<String, String> routes = new LinkedHashMap<>();
            for (RouteDefinition route : candidateRoutes.routes()) {
                StringBuilder print =
                        new StringBuilder(candidateRoutes.source(route)).append(candidateRoutes.xml(route));
                CandidateRoutes.policies(route).forEach(policy -> print.append(configurations.get(policy)));
                if (CandidateRoutes.isDocument(route)) {
                    // The text is complete only after the route is created.
                    candidateRoutes.rests().forEach(rest -> print.append(candidateRoutes.xml(rest)));
                }
                routes.put(
                        route.getRouteId(),
                        print.append(route.getTemplateParameters()).toString());
            }
            Map<String, String> beans = new LinkedHashMap<>();
            candidateRoutes.beans().forEach(bean -> beans.put(bean.getName(), candidateRoutes.xml(bean)));
            return new Prints(routes, beans);
        }
    }

    static RouteDiff between(Prints now, Prints then) {
        Set<String> beans = differing(now.beans(), then.beans());
        boolean more = true;
        while (more) {
            more = beans.addAll(naming(beans, now.beans())) | beans.addAll(naming(beans, then.beans()));
        }
        Set<String> routes = differing(now.routes(), then.routes());
        routes.addAll(naming(beans, now.routes()));
        routes.addAll(naming(beans, then.routes()));
        return new RouteDiff(intersection(routes, now.routes()), intersection(routes, then.routes()), beans);
    }

    private static Set<String> differing(Map<String, String> now, Map<String, String> then) {
        Set<String> names = new TreeSet<>(now.keySet());
        names.addAll(then.keySet());
        names.removeIf(name -> now.getOrDefault(name, "").equals(then.getOrDefault(name, "")));
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
