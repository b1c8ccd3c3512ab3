package dev.caravan.capability.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * One message that a caller publishes by name.
 *
 * @param topic as the caller named it; null: the default one
 * @param value the record's bytes
 * @param json the value parsed; null when it is not JSON
 * @param headers the record's own headers
 * @param messageId the name that the event itself has; null: none
 */
record Event(String topic, String key, byte[] value, JsonNode json, Map<String, Object> headers, String messageId) {}
