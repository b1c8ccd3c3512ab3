package dev.caravan.live;

import dev.caravan.platform.topics.Consumers;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.net.URISyntaxException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.PatternHelper;
import org.apache.camel.util.URISupport;

/** The routes of a candidate that consume from Kafka. Those with the policy {@code reliable} are consumers of topics. */
final class ConsumerRoutes {

    /** In the URI of a route that reads the retry topics of all consumers. */
    private static final String RETRY_TOPICS = "{{topics:";

    private static final int MAX_TOPIC_LENGTH = 249;
    private static final Pattern OWN_TOPIC = Pattern.compile("kafka:(\\{\\{([\\w-]+)\\.topic:[^{}]+}}).*");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

    /** @param group empty if the route names none */
    private record Endpoint(List<String> topics, String group, boolean pattern) {}

    private final CandidateRoutes candidate;
    private final Topics topics;

    ConsumerRoutes(CandidateRoutes candidate, Topics topics) {
        this.candidate = candidate;
        this.topics = topics;
    }

    Consumers.Routes topics() {
        Map<String, String> capabilities = new TreeMap<>();
        Set<Consumers.Reading> readings = new HashSet<>();
        for (RouteDefinition route : candidate.routes()) {
            Matcher named = OWN_TOPIC.matcher(CandidateRoutes.uri(route));
            if (named.matches()) {
                capabilities.put(named.group(2), candidate.resolve(route, named.group(1)));
            }
            if (isConsumer(route)) {
                readings.addAll(readings(endpoint(route)));
            }
        }
        return new Consumers.Routes(capabilities, readings);
    }

    private Set<Consumers.Reading> readings(Endpoint endpoint) {
        Set<Consumers.Reading> readings = new HashSet<>();
        if (!endpoint.group().isEmpty() && !endpoint.pattern()) {
            String name = topics.consumerOf(endpoint.group());
            endpoint.topics().forEach(topic -> readings.add(new Consumers.Reading(name, topic)));
        }
        return readings;
    }

    /**
     * @throws InvalidRouteFileException for the first consumer that shares retry topics with another one, or has no
     *     route that processes its retried records
     */
    void check() throws InvalidRouteFileException {
        Map<Consumers.Reading, RouteDefinition> seen = new HashMap<>();
        // Of two consumers with the same name, the one that is not in the route group of that name is rejected.
        List<RouteDefinition> routes = candidate.routes().stream()
                .filter(ConsumerRoutes::isConsumer)
                .sorted(Comparator.comparing(
                        route -> !topics.consumerOf(endpoint(route).group()).equals(route.getGroup())))
                .toList();
        for (RouteDefinition route : routes) {
            check(route, seen);
        }
        Map<String, TopicConsumer> ladders = new HashMap<>();
        for (TopicConsumer consumer : topics.consumersOf(topics()).all()) {
            TopicConsumer other = ladders.putIfAbsent(consumer.ladder(), consumer);
            RouteDefinition route = seen.get(new Consumers.Reading(consumer.name(), consumer.topic()));
            if (other != null && route != null) {
                throw candidate.invalid(
                        route,
                        "the retry topics of the consumer " + consumer.name() + " of " + consumer.topic()
                                + " would be those of the consumer " + other.name() + " of " + other.topic());
            }
        }
    }

    private void check(RouteDefinition route, Map<Consumers.Reading, RouteDefinition> seen)
            throws InvalidRouteFileException {
        Endpoint endpoint = endpoint(route);
        if (endpoint.group().isEmpty()) {
            throw candidate.invalid(route, "a reliable consumer needs a groupId");
        }
        if (endpoint.pattern()) {
            throw candidate.invalid(route, "a reliable consumer reads topics by name, not by a pattern");
        }
        String name = topics.consumerOf(endpoint.group());
        if (!NAME.matcher(name).matches()
                || endpoint.topics().stream()
                        .map(topic -> topic + "." + name + "-retry-1")
                        .anyMatch(ladder -> ladder.length() > MAX_TOPIC_LENGTH)) {
            throw candidate.invalid(
                    route, "the groupId " + endpoint.group() + " cannot be part of the name of a topic");
        }
        for (Consumers.Reading reading : readings(endpoint)) {
            RouteDefinition other = seen.putIfAbsent(reading, route);
            if (other != null) {
                throw candidate.invalid(
                        route,
                        "the route " + other.getRouteId() + " consumes the topic " + reading.topic() + " as " + name
                                + " already; give this one another groupId");
            }
        }
        String address = TopicConsumer.address(name);
        if (candidate.routes().stream()
                .map(each -> CandidateRoutes.address(candidate.source(each)))
                .noneMatch(address::equals)) {
            throw candidate.invalid(
                    route,
                    "there is no route from " + address + ", which processes the records of the consumer " + name);
        }
    }

    private static boolean isConsumer(RouteDefinition route) {
        return CandidateRoutes.uri(route).startsWith("kafka:")
                && !CandidateRoutes.uri(route).contains(RETRY_TOPICS)
                && CandidateRoutes.policies(route).stream()
                        .anyMatch(policy -> PatternHelper.matchPattern("reliable", policy));
    }

    private Endpoint endpoint(RouteDefinition route) {
        String[] uri = candidate.source(route).split("\\?", 2);
        Map<String, Object> options;
        try {
            options = uri.length == 1 ? Map.of() : URISupport.parseQuery(uri[1]);
        } catch (URISyntaxException e) {
            options = Map.of();
        }
        return new Endpoint(
                List.of(uri[0].substring("kafka:".length())
                        .replaceFirst("^/+", "")
                        .split(",")),
                options.getOrDefault("groupId", "").toString(),
                Boolean.parseBoolean(options.getOrDefault("topicIsPattern", "").toString()));
    }
}
