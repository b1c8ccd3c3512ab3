package dev.caravan.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.operations.metrics.ConsumerFigures;
import dev.caravan.operations.metrics.RouteTimers;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.model.RouteDefinition;

/** The response of {@code GET /api/v1/routes}: the routes, the last edit of each file, and the figures of topics. */
public final class RouteList extends ContextBean implements Processor {

    @Override
    public void process(Exchange exchange) {
        reply(exchange.getMessage(), list());
    }

    ObjectNode list() {
        ObjectNode answer = Json.MAPPER.createObjectNode();
        ArrayNode routes = answer.putArray("routes");
        RouteFiles routeFiles = bean(RouteFiles.class);
        Optional<CandidateRoutes> running = routeFiles.running();
        Map<String, Instant> started = routeFiles.started();
        getCamelContext().getRoutes().stream()
                .sorted(Comparator.comparing(Route::getRouteId))
                .forEach(route -> routes.add(route(route, running, started.get(route.getRouteId()))));
        ArrayNode files = answer.putArray("files");
        List<LintWarning> warnings = routeFiles.warnings();
        routeFiles.edits().forEach((name, edit) -> files.add(file(name, edit, warnings)));
        topics(answer);
        return answer;
    }

    /** Responds with this object, without the headers of the request. */
    static void reply(Message message, ObjectNode answer) {
        message.removeHeaders("*");
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        message.setBody(Json.bytes(answer));
    }

    private ObjectNode route(Route route, Optional<CandidateRoutes> running, Instant started) {
        CamelContext context = getCamelContext();
        RouteTimers.RouteFigures figures = bean(RouteTimers.class).figures(route.getRouteId());
        ObjectNode node = Json.MAPPER.createObjectNode().put("id", route.getRouteId());
        Optional<RouteDefinition> written =
                running.flatMap(each -> each.route(route.getRouteId()).filter(found -> each.file(found) != null));
        node.put("file", written.map(each -> running.get().file(each).name()).orElse(null));
        node.put("line", written.map(each -> running.get().line(each)).orElse(null));
        node.put("group", route.getGroup());
        node.put("description", route.getDescription());
        // A route has no state while an edit replaces it.
        ServiceStatus state = context.getRouteController().getRouteStatus(route.getRouteId());
        node.put("state", state == null ? "Replaced" : state.name());
        node.put("exchanges", figures.exchanges());
        node.put("failures", figures.failures());
        node.put("inFlight", context.getInflightRepository().size(route.getRouteId()));
        node.put("meanMillis", figures.meanMillis());
        node.put("p95Millis", figures.p95Millis());
        node.put("p99Millis", figures.p99Millis());
        node.put("since", started == null ? null : started.toString());
        RouteEndpoints.describe(route, node);
        return node;
    }

    private void topics(ObjectNode answer) {
        MeterRegistry registry = bean(MeterRegistry.class);
        Topics topics = bean(Topics.class);
        ArrayNode all = answer.putArray("topics");
        for (String topic : topics.consumers().topics()) {
            ObjectNode node = all.addObject()
                    .put("name", topic)
                    .put("published", ConsumerFigures.published(registry, topic))
                    .put("notPublished", ConsumerFigures.notPublished(registry, topic));
            ArrayNode consumers = node.putArray("consumers");
            topics.consumers().of(topic).forEach(each -> consumer(consumers.addObject(), registry, each, topics));
        }
    }

    private static void consumer(ObjectNode node, MeterRegistry registry, TopicConsumer consumer, Topics topics) {
        node.put("name", consumer.name());
        figures(node, registry, consumer, consumer.topic());
        ArrayNode retries = node.putArray("retries");
        for (int level = 1; level <= topics.levels(); level++) {
            String topic = consumer.retry(level);
            figures(retries.addObject().put("topic", topic), registry, consumer, topic);
        }
        node.put("deadLetterTopic", consumer.dlq());
        node.put("openDeadLetters", ConsumerFigures.openDeadLetters(registry, consumer));
    }

    private static void figures(ObjectNode node, MeterRegistry registry, TopicConsumer consumer, String topic) {
        node.setAll(Json.MAPPER.<ObjectNode>valueToTree(ConsumerFigures.of(registry, consumer, topic)));
    }

    private static ObjectNode file(String name, RouteFiles.FileEdit edit, List<LintWarning> warnings) {
        ObjectNode node = Json.MAPPER.createObjectNode().put("name", name);
        node.put("state", edit.state());
        node.put("edited", edit.at().toString());
        edit.rejected().ifPresent(e -> e.describe(node.putObject("error")));
        edit.waiting().ifPresent(reason -> node.put("waiting", reason));
        node.set("warnings", LintWarning.json(warnings, name));
        return node;
    }
}
