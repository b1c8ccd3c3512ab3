package dev.caravan.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.caravan.platform.catalog.ComponentCatalog;
import dev.caravan.platform.catalog.ComponentCatalog.OptionMistake;
import dev.caravan.platform.edge.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.model.PolicyDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;

/** A rule that Caravan's own routes follow and this one breaks. It is not an error: the route runs. */
record LintWarning(String file, int line, String route, String reason) {

    private static final Pattern LITERAL_TOPIC = Pattern.compile("kafka:(?!\\{\\{)([^?]+).*");
    private static final Pattern AUTO_COMMIT = Pattern.compile(".*[?&]autoCommitEnable=true\\b.*");

    /** The policies that never skip a failed record. */
    private static final Set<String> KEEPING = Set.of("reliable", "indexing");

    static List<LintWarning> of(CandidateRoutes candidateRoutes) {
        Set<String> entrances = candidateRoutes.routes().stream()
                .map(route -> address(candidateRoutes.source(route)))
                .collect(Collectors.toSet());
        return candidateRoutes.routes().stream()
                .filter(route -> candidateRoutes.file(route) != null)
                .flatMap(route -> Stream.concat(
                        reasons(route).map(reason -> at(candidateRoutes, route, candidateRoutes.line(route), reason)),
                        deadEnds(candidateRoutes, route, entrances)))
                .toList();
    }

    /** What Camel's catalogue says against endpoints that Camel can create, or creates with the first message. */
    static List<LintWarning> ofCatalog(CandidateRoutes candidateRoutes) {
        ComponentCatalog catalog = new ComponentCatalog();
        return candidateRoutes.routes().stream()
                .filter(route -> candidateRoutes.file(route) != null)
                .flatMap(route -> Stream.concat(
                        mistakes(
                                candidateRoutes,
                                route,
                                candidateRoutes.line(route),
                                catalog.mistakes(candidateRoutes.source(route))),
                        CandidateRoutes.sends(route).flatMap(step -> {
                            String uri = candidateRoutes.resolved(route, CandidateRoutes.uri(step));
                            int line = candidateRoutes.line(route, step);
                            return Stream.concat(
                                    unknown(candidateRoutes, step, uri)
                                            .map(reason -> at(candidateRoutes, route, line, reason)),
                                    mistakes(candidateRoutes, route, line, catalog.mistakes(uri)));
                        })))
                .toList();
    }

    private static Stream<LintWarning> mistakes(
            CandidateRoutes candidateRoutes, RouteDefinition route, int line, List<OptionMistake> mistakes) {
        RouteFile file = candidateRoutes.file(route);
        return mistakes.stream()
                .map(mistake -> at(candidateRoutes, route, file.lineWithin(line, mistake.option()), mistake.reason()));
    }

    private static Stream<String> unknown(CandidateRoutes candidateRoutes, ProcessorDefinition<?> step, String uri) {
        String scheme = uri.replaceFirst(":.*", "");
        return !(step instanceof ToDynamicDefinition) || scheme.contains("{") || candidateRoutes.hasComponent(scheme)
                ? Stream.of()
                : Stream.of(MissingComponent.component(scheme));
    }

    private static LintWarning at(CandidateRoutes candidateRoutes, RouteDefinition route, int line, String reason) {
        return new LintWarning(candidateRoutes.file(route).name(), line, route.getRouteId(), reason);
    }

    /** Those of one file. */
    static ArrayNode json(List<LintWarning> all, String file) {
        ArrayNode warnings = Json.MAPPER.createArrayNode();
        all.stream().filter(each -> each.file().equals(file)).forEach(each -> warnings.addObject()
                .put("line", each.line())
                .put("route", each.route())
                .put("reason", each.reason()));
        return warnings;
    }

    private static Stream<String> reasons(RouteDefinition route) {
        List<String> reasons = new ArrayList<>();
        String from = CandidateRoutes.uri(route);
        Set<String> policies = CandidateRoutes.policies(route);
        if (from.startsWith("kafka:") && Collections.disjoint(policies, KEEPING)) {
            reasons.add("a Kafka consumer without 'routeConfigurationId: reliable' loses a record that fails");
        }
        if (from.startsWith("kafka:") && AUTO_COMMIT.matcher(from).matches()) {
            reasons.add("a Kafka consumer with auto-commit loses records that it has not processed");
        }
        Stream.concat(Stream.of(from), CandidateRoutes.uris(route).stream())
                .map(LITERAL_TOPIC::matcher)
                .filter(literal -> literal.matches())
                .forEach(
                        literal -> reasons.add("the topic " + literal.group(1) + " is written out; make it a setting"));
        if (CandidateRoutes.sends(route).anyMatch(LintWarning::isUnguarded)) {
            reasons.add("a step to kafka: outside 'policy: publishing' has no time limit, no MessageID and no receipt");
        }
        if (route.getDescriptionText() == null || route.getDescriptionText().isBlank()) {
            reasons.add("it has no description");
        }
        if (route.getGroup() == null || !route.getRouteId().startsWith(route.getGroup())) {
            reasons.add("its id does not begin with its group");
        }
        return reasons.stream();
    }

    private static boolean isUnguarded(ProcessorDefinition<?> step) {
        return CandidateRoutes.uri(step).startsWith("kafka:")
                && !(step.getParent() instanceof PolicyDefinition policy && "publishing".equals(policy.getRef()));
    }

    /** Its messages would fail after Camel has waited for such a route. */
    private static Stream<LintWarning> deadEnds(
            CandidateRoutes candidateRoutes, RouteDefinition route, Set<String> entrances) {
        return CandidateRoutes.sends(route).flatMap(step -> {
            String uri = address(candidateRoutes.resolved(route, CandidateRoutes.uri(step)));
            return uri.startsWith("direct:") && !uri.contains("{") && !entrances.contains(uri)
                    ? Stream.of(at(
                            candidateRoutes, route, candidateRoutes.line(route, step), "no route begins with " + uri))
                    : Stream.of();
        });
    }

    private static String address(String uri) {
        return uri.replaceFirst("\\?.*", "");
    }
}
