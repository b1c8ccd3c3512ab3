package dev.caravan.capability.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * One message to publish.
 *
 * @param topic null for the default topic
 * @param json the parsed value; null if it is not JSON
 * @param headers the headers of the record
 * @param messageId the MessageID in the event itself, or null
 */
record Event(String topic, String key, byte[] value, JsonNode json, Map<String, Object> headers, String messageId) {}
