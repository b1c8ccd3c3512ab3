package dev.caravan.capability.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemException.Violation;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.edge.ReservedHeaders;
import dev.caravan.platform.edge.Schemas;
import java.util.List;
import java.util.Map;

/**
 * Caravan's own format of an event: {@code {"topic"?,"key"?,"value","headers"?}}. A null member counts as absent, but the
 * value null is the record value {@code null} as JSON, not a tombstone.
 */
final class Envelope {

    private Envelope() {}

    static Event read(JsonNode json, Schemas schemas) {
        schemas.check("event", json, 400);
        String messageId = null;
        JsonNode given = json.path("headers");
        if (given.has(MessageId.HEADER)) {
            messageId = text(given, MessageId.HEADER);
            if (messageId != null && !MessageId.isValidFromClient(messageId)) {
                throw ProblemException.invalid(List.of(new Violation("/headers/" + MessageId.HEADER, MessageId.RULE)));
            }
            given = given.<ObjectNode>deepCopy().without(MessageId.HEADER);
        }
        Map<String, Object> headers = ReservedHeaders.requireUnreserved(given, 400);
        if (headers.keySet().stream().noneMatch(RequestValidator.CONTENT_TYPE::equalsIgnoreCase)) {
            headers.put(RequestValidator.CONTENT_TYPE, "application/json");
        }
        JsonNode value = json.get("value");
        return new Event(text(json, "topic"), text(json, "key"), Json.bytes(value), value, headers, messageId);
    }

    private static String text(JsonNode json, String field) {
        return json.hasNonNull(field) ? json.get(field).asText() : null;
    }
}
