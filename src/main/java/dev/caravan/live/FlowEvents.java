package dev.caravan.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.sse.ServerSentEvent;
import dev.caravan.platform.sse.StreamRun;
import dev.caravan.platform.sse.Streams;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The response of {@code GET /api/v1/routes} as events. The first event is complete. Each later one has only the
 * elements that changed since the previous event, and the names of removed ones in {@code gone}.
 */
public final class FlowEvents extends ContextBean implements Processor {

    private static final String PATH = "/api/v1/flow/stream";

    /** The arrays of the response, with the member that names an element. */
    private static final Map<String, String> NAMES = Map.of("routes", "id", "files", "name", "topics", "name");

    private final RouteList routeList = new RouteList();

    @Override
    public void process(Exchange exchange) {
        routeList.setCamelContext(getCamelContext());
        ObjectNode now = routeList.list();
        ObjectNode before = exchange.getProperty(StreamRun.STATE, ObjectNode.class);
        ObjectNode data = before == null ? now.deepCopy() : changes(before, now);
        data.put("at", System.currentTimeMillis());
        exchange.getMessage().setHeader(StreamRun.MORE, false);
        exchange.getMessage().setBody(ServerSentEvent.of("flow", data, now));
    }

    /** Makes all streams send their changes now, not within two seconds. */
    static void wake(CamelContext context) {
        Streams streams = context.getRegistry().findSingleByType(Streams.class);
        if (streams != null) {
            streams.wake(PATH, List.of(""));
        }
    }

    private static ObjectNode changes(ObjectNode before, ObjectNode now) {
        ObjectNode changes = Json.MAPPER.createObjectNode();
        ObjectNode gone = changes.putObject("gone");
        NAMES.forEach((array, name) -> {
            Map<String, JsonNode> known = new LinkedHashMap<>();
            before.path(array).forEach(each -> known.put(each.path(name).asText(), each));
            ArrayNode changed = changes.putArray(array);
            now.path(array).forEach(each -> {
                if (!each.equals(known.remove(each.path(name).asText()))) {
                    changed.add(each);
                }
            });
            ArrayNode missing = gone.putArray(array);
            known.keySet().forEach(missing::add);
        });
        return changes;
    }
}
