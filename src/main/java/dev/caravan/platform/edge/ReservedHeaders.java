package dev.caravan.platform.edge;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.edge.ProblemException.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Record headers that Caravan or Camel interprets, so clients must not set them. */
public final class ReservedHeaders {

    /** Number of replays of a dead letter. */
    public static final String REPLAY_COUNT = "replay-count";

    /** The consumer that could not process the record, on retry, dead-letter and replayed records. */
    public static final String CONSUMER = "caravan-consumer";

    /** Number of retry topics that the record has passed since it was published or replayed. */
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

    private ReservedHeaders() {}

    /** Whether Caravan, Camel or a web server interprets it, or it is a credential. */
    public static boolean isReserved(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return isCamelHeader(lower) || RESERVED.stream().anyMatch(lower::startsWith);
    }

    /**
     * The record headers that a client gives.
     *
     * @param given an object of strings, or a missing node; nulls are ignored
     * @throws ProblemException with that status, naming all reserved and duplicate headers
     */
    public static Map<String, Object> requireUnreserved(JsonNode given, int status) {
        // Camel's messages ignore the case of header names.
        Map<String, Object> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        List<Violation> violations = new ArrayList<>();
        given.properties().forEach(header -> {
            String name = header.getKey();
            if (isReserved(name)) {
                violations.add(new Violation("/headers/" + Schemas.escaped(name), "is reserved"));
            }
            if (!header.getValue().isNull()
                    && headers.put(name, header.getValue().asText()) != null) {
                violations.add(
                        new Violation("/headers/" + Schemas.escaped(name), "differs from another header by case only"));
            }
        });
        if (!violations.isEmpty()) {
            throw ProblemException.invalid(status, violations);
        }
        return headers;
    }

    /** Whether Camel interprets it. Ignores case. */
    public static boolean isCamelHeader(String name) {
        for (String prefix : RecordHeaderPolicy.CAMEL_PREFIXES) {
            if (name.regionMatches(true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        return false;
    }
}
