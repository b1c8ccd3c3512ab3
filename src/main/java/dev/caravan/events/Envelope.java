package dev.caravan.events;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.edge.Edge;
import dev.caravan.edge.Json;
import dev.caravan.edge.MessageId;
import dev.caravan.edge.Problem;
import dev.caravan.edge.Problem.Violation;
import dev.caravan.edge.RecordHeaders;
import dev.caravan.edge.Schemas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Caravan's own form of an event: {@code {"topic"?,"key"?,"value",…,"headers"?}}. */
final class Envelope {

    private Envelope() {}

    static Event read(JsonNode json, Schemas schemas, Map<String, Object> handedOn, String messageId) {
        schemas.check("event", json, 400);
        Map<String, Object> headers = new HashMap<>(handedOn);
        headers.putAll(headers(json.path("headers")));
        if (headers.keySet().stream().noneMatch(Edge.CONTENT_TYPE::equalsIgnoreCase)) {
            headers.put(Edge.CONTENT_TYPE, "application/json");
        }
        headers.put(MessageId.HEADER, messageId);
        JsonNode value = json.get("value");
        return new Event(text(json, "topic"), text(json, "key"), Json.bytes(value), value, headers);
    }

    private static Map<String, Object> headers(JsonNode given) {
        Map<String, Object> headers = new HashMap<>();
        List<Violation> violations = new ArrayList<>();
        given.fields().forEachRemaining(header -> {
            if (RecordHeaders.isReserved(header.getKey())) {
                violations.add(new Violation("/headers/" + Schemas.escaped(header.getKey()), "is reserved"));
            }
            headers.put(header.getKey(), header.getValue().asText());
        });
        if (!violations.isEmpty()) {
            throw Problem.invalid(violations);
        }
        return headers;
    }

    private static String text(JsonNode json, String field) {
        return json.hasNonNull(field) ? json.get(field).asText() : null;
    }
}
