package dev.caravan.platform.sse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.edge.Json;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;

/**
 * A Server-Sent Event that the route of a stream returns.
 *
 * @param id id from which a client can resume; null if it cannot resume from this event
 * @param state the property {@link StreamRun#STATE} in the next run if this is the last written event
 * @param created when the event's data was created, to measure the delay; null to measure nothing
 */
public record ServerSentEvent(String name, Object id, JsonNode data, Object state, Instant created) {

    public static ServerSentEvent of(String name, JsonNode data, Object state) {
        return new ServerSentEvent(name, null, data, state, null);
    }

    /** The event in wire format, with the data on one line. */
    Buffer encoded() {
        return Buffer.buffer("event: " + name + (id == null ? "" : "\nid: " + id) + "\ndata: ")
                .appendBytes(Json.bytes(data))
                .appendString("\n\n");
    }
}
