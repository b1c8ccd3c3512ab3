package dev.caravan.support;

import com.fasterxml.jackson.databind.JsonNode;
import org.awaitility.Awaitility;

/** Replays of many dead letters. */
public final class BulkReplays {

    private BulkReplays() {}

    /** Starts one, and returns its state when it is done. The request itself waits at most 5 s for that. */
    public static JsonNode run(Http http, String filter) {
        String location = http.postJson("/api/v1/dead-letters/replay", filter)
                .json()
                .path("location")
                .asText();
        return Awaitility.await().until(() -> http.get(location).json(), progress -> progress.path("state")
                .asText()
                .equals("done"));
    }
}
