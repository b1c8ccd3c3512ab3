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
 * What has to be replaced for one blueprint to become another. A route is touched when its own model differs, with all that its
 * configurations put into it, or when it names a bean that differs, or one that names such a bean.
 *
 * @param touched ids of routes that run now and have to end
 * @param started ids of routes that have to begin, the successors of the touched ones included
 * @param beans names of the beans that have to be made anew, or are gone
 */
record RouteDiff(Set<String> touched, Set<String> started, Set<String> beans) {

    /** One blueprint's routes and beans, each as a text that is the same where they are the same. */
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
                    // It is written when its route is made.
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
        return new RouteDiff(both(routes, now.routes()), both(routes, then.routes()), beans);
    }

    private static Set<String> differing(Map<String, String> now, Map<String, String> then) {
        Set<String> names = new TreeSet<>(now.keySet());
        names.addAll(then.keySet());
        names.removeIf(name -> now.getOrDefault(name, "").equals(then.getOrDefault(name, "")));
        return names;
    }

    /** The keys of the texts in which one of the names stands as a word. */
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

    private static Set<String> both(Set<String> some, Map<String, String> known) {
        Set<String> both = new HashSet<>(some);
        both.retainAll(known.keySet());
        return both;
    }
}
