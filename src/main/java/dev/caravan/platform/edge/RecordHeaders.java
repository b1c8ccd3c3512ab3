package dev.caravan.platform.edge;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.edge.ProblemException.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Names of record headers that Caravan or Camel interprets. Clients may not set them. */
public final class RecordHeaders {

    /** How often a dead letter was replayed. */
    public static final String REPLAY_COUNT = "replay-count";

    /** The consumer that could not process the record, on retry, dead-letter and replayed records. */
    public static final String CONSUMER = "caravan-consumer";

    /** Number of retry topics that the record went through since it was published or replayed. */
    public static final String RETRY_COUNT = "delayed-retry-count";

    /** The retry count of a replayed record on a retry topic: it is due at once. */
    public static final String REPLAYED = "0";

    /**
     * Payload size of a dead letter whose payload is too large for Caravan to send. The record itself stays in its
     * topic.
     */
    public static final String OMITTED = "dead-letter-omitted-bytes";

    private static final List<String> RESERVED = List.of(
            CONSUMER,
            "dead-letter-",
            "delayed-retry-",
            REPLAY_COUNT,
            RawHeaders.NAME,
            "messageid",
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie");

    private RecordHeaders() {}

    /** Whether clients may not set it: Caravan, Camel or a web server acts on it, or it is a credential. */
    public static boolean isReserved(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return isActedOn(lower) || RESERVED.stream().anyMatch(lower::startsWith);
    }

    /**
     * Checks the headers that a client gives a record.
     *
     * @param given an object of strings, or a missing node; nulls are ignored
     * @throws ProblemException with that status, naming reserved and duplicate headers
     */
    public static Map<String, Object> given(JsonNode given, int status) {
        // Camel's messages ignore the case of header names.
        Map<String, Object> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        List<Violation> violations = new ArrayList<>();
        given.properties().forEach(header -> {
            String name = header.getKey();
            if (isReserved(name)) {
                violations.add(new Violation(pointer(name), "is reserved"));
            }
            if (!header.getValue().isNull()
                    && headers.put(name, header.getValue().asText()) != null) {
                violations.add(new Violation(pointer(name), "differs from another header by case only"));
            }
        });
        if (!violations.isEmpty()) {
            throw ProblemException.invalid(status, violations);
        }
        return headers;
    }

    private static String pointer(String name) {
        return "/headers/" + Schemas.escaped(name);
    }

    /** Whether Camel acts on it, ignoring case. */
    public static boolean isActedOn(String name) {
        for (String prefix : RecordHeaderPolicy.ACTED_ON) {
            if (name.regionMatches(true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        return false;
    }
}
