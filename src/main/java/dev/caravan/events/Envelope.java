package dev.caravan.events;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.edge.Edge;
import dev.caravan.edge.Json;
import dev.caravan.edge.MessageId;
import dev.caravan.edge.RecordHeaders;
import dev.caravan.edge.Schemas;
import java.util.HashMap;
import java.util.Map;

/** Caravan's own form of an event: {@code {"topic"?,"key"?,"value",…,"headers"?}}. */
final class Envelope {

    private Envelope() {}

    static Event read(JsonNode json, Schemas schemas, Map<String, Object> handedOn, String messageId) {
        schemas.check("event", json, 400);
        Map<String, Object> headers = new HashMap<>(handedOn);
        headers.putAll(RecordHeaders.given(json.path("headers"), 400));
        if (headers.keySet().stream().noneMatch(Edge.CONTENT_TYPE::equalsIgnoreCase)) {
            headers.put(Edge.CONTENT_TYPE, "application/json");
        }
        headers.put(MessageId.HEADER, messageId);
        JsonNode value = json.get("value");
        return new Event(text(json, "topic"), text(json, "key"), Json.bytes(value), value, headers);
    }

    private static String text(JsonNode json, String field) {
        return json.hasNonNull(field) ? json.get(field).asText() : null;
    }
}
