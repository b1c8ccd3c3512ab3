package dev.caravan.capability.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * One message to publish.
 *
 * @param topic the topic that the caller named; null: the default topic
 * @param value the record's bytes
 * @param json the parsed value; null if it is not JSON
 * @param headers the record's own headers
 * @param messageId the MessageID in the event itself; null: none
 */
record Event(String topic, String key, byte[] value, JsonNode json, Map<String, Object> headers, String messageId) {}
