package dev.caravan.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.caravan.platform.catalog.ComponentCatalog;
import dev.caravan.platform.catalog.ComponentCatalog.OptionMistake;
import dev.caravan.platform.edge.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.model.PolicyDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;

/** A rule that Caravan's own routes follow and this route breaks. The route runs anyway. */
record LintWarning(String file, int line, String route, String reason) {

    private static final Pattern LITERAL_TOPIC = Pattern.compile("kafka:(?!\\{\\{)([^?]+).*");
    private static final Pattern AUTO_COMMIT = Pattern.compile(".*[?&]autoCommitEnable=true\\b.*");

    /** The policies that never skip a failed record. */
    private static final Set<String> SAFE_POLICIES = Set.of("reliable", "indexing");

    static List<LintWarning> of(CandidateRoutes candidate) {
        Set<String> sources = candidate.routes().stream()
                .map(route -> CandidateRoutes.address(candidate.source(route)))
                .collect(Collectors.toSet());
        return ofFiles(
                candidate,
                route -> Stream.concat(
                        reasons(route).map(reason -> at(candidate, route, candidate.line(route), reason)),
                        missingTargets(candidate, route, sources)));
    }

    /** Mistakes in endpoints that Camel can create, or that it creates only with the first message. */
    static List<LintWarning> ofCatalog(CandidateRoutes candidate) {
        ComponentCatalog catalog = new ComponentCatalog();
        return ofFiles(
                candidate,
                route -> Stream.concat(
                        mistakes(candidate, route, candidate.line(route), catalog.mistakes(candidate.source(route))),
                        CandidateRoutes.sendSteps(route).flatMap(step -> {
                            String uri = candidate.resolved(route, CandidateRoutes.uri(step));
                            int line = candidate.line(route, step);
                            return Stream.concat(
                                    missingComponent(candidate, catalog, step, uri)
                                            .map(reason -> at(candidate, route, line, reason)),
                                    mistakes(candidate, route, line, catalog.mistakes(uri)));
                        })));
    }

    private static List<LintWarning> ofFiles(
            CandidateRoutes candidate, Function<RouteDefinition, Stream<LintWarning>> warnings) {
        return candidate.routes().stream()
                .filter(route -> candidate.file(route) != null)
                .flatMap(warnings)
                .toList();
    }

    private static Stream<LintWarning> mistakes(
            CandidateRoutes candidate, RouteDefinition route, int line, List<OptionMistake> mistakes) {
        RouteFile file = candidate.file(route);
        return mistakes.stream()
                .map(mistake -> at(candidate, route, file.lineWithin(line, mistake.option()), mistake.reason()));
    }

    private static Stream<String> missingComponent(
            CandidateRoutes candidate, ComponentCatalog catalog, ProcessorDefinition<?> step, String uri) {
        String scheme = uri.replaceFirst(":.*", "");
        return !(step instanceof ToDynamicDefinition) || scheme.contains("{") || candidate.hasComponent(scheme)
                ? Stream.of()
                : Stream.of(MissingComponent.component(catalog, scheme));
    }

    private static LintWarning at(CandidateRoutes candidate, RouteDefinition route, int line, String reason) {
        return new LintWarning(candidate.file(route).name(), line, route.getRouteId(), reason);
    }

    /** The warnings about one file. */
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
        if (from.startsWith("kafka:") && Collections.disjoint(CandidateRoutes.policies(route), SAFE_POLICIES)) {
            reasons.add("a Kafka consumer without 'routeConfigurationId: reliable' loses a record that fails");
        }
        if (from.startsWith("kafka:") && AUTO_COMMIT.matcher(from).matches()) {
            reasons.add("a Kafka consumer with auto-commit loses records that it has not processed");
        }
        Stream.concat(Stream.of(from), CandidateRoutes.uris(route).stream())
                .map(LITERAL_TOPIC::matcher)
                .filter(Matcher::matches)
                .forEach(
                        literal -> reasons.add("the topic " + literal.group(1) + " is written out; make it a setting"));
        if (CandidateRoutes.sendSteps(route).anyMatch(LintWarning::isUnguarded)) {
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

    /** Steps to a {@code direct:} endpoint without a route. Camel waits for such a route, then fails the message. */
    private static Stream<LintWarning> missingTargets(
            CandidateRoutes candidate, RouteDefinition route, Set<String> sources) {
        return CandidateRoutes.sendSteps(route).flatMap(step -> {
            String uri = CandidateRoutes.address(candidate.resolved(route, CandidateRoutes.uri(step)));
            return uri.startsWith("direct:") && !uri.contains("{") && !sources.contains(uri)
                    ? Stream.of(at(candidate, route, candidate.line(route, step), "no route begins with " + uri))
                    : Stream.of();
        });
    }
}
