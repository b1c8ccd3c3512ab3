package dev.caravan.platform.sse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.edge.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * One Server-Sent Event that a route of a stream returns.
 *
 * @param name name of the event
 * @param id id from which a client can resume; null for an event from which it cannot
 * @param state value of the property {@link StreamRun#STATE} in the next run, once this event has been written
 * @param created when the data of the event was created, to measure the delay; null to measure nothing
 */
public record ServerSentEvent(String name, Object id, JsonNode data, Object state, Instant created) {

    public static ServerSentEvent of(String name, JsonNode data, Object state) {
        return new ServerSentEvent(name, null, data, state, null);
    }

    /** The event in wire format; JSON contains no line feed. */
    byte[] bytes() {
        byte[] json = Json.bytes(data);
        byte[] head =
                ("event: " + name + (id == null ? "" : "\nid: " + id) + "\ndata: ").getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[head.length + json.length + 2];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(json, 0, all, head.length, json.length);
        all[all.length - 1] = '\n';
        all[all.length - 2] = '\n';
        return all;
    }
}
