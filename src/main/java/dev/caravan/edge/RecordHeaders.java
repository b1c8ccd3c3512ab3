package dev.caravan.edge;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.edge.Problem.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Names of record headers that mean something to Caravan or to Camel, so that nobody else may write them. */
public final class RecordHeaders {

    /** How often a dead letter's message has been sent back to its topic. */
    public static final String REPLAY_COUNT = "replay-count";

    private static final List<String> RESERVED = List.of(
            "dead-letter-",
            "delayed-retry-",
            REPLAY_COUNT,
            "messageid",
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie");

    private RecordHeaders() {}

    /** Whether a caller's record may not carry it: Caravan, Camel or a web server acts on it, or it is a credential. */
    public static boolean isReserved(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return isActedOn(lower) || RESERVED.stream().anyMatch(lower::startsWith);
    }

    /**
     * The headers that a caller gives a record.
     *
     * @param given an object of texts, or a missing node
     * @throws Problem of that status, naming those that are reserved
     */
    public static Map<String, Object> given(JsonNode given, int status) {
        Map<String, Object> headers = new HashMap<>();
        List<Violation> violations = new ArrayList<>();
        given.fields().forEachRemaining(header -> {
            if (isReserved(header.getKey())) {
                violations.add(new Violation("/headers/" + Schemas.escaped(header.getKey()), "is reserved"));
            }
            headers.put(header.getKey(), header.getValue().asText());
        });
        if (!violations.isEmpty()) {
            throw Problem.invalid(status, violations);
        }
        return headers;
    }

    /** Whether Camel acts on it, in any spelling. */
    public static boolean isActedOn(String name) {
        for (String prefix : RecordHeaderPolicy.ACTED_ON) {
            if (name.regionMatches(true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        return false;
    }
}
