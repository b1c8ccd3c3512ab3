package dev.caravan.edge;

import java.util.List;
import java.util.Locale;

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

    /** Whether Camel acts on it, in any spelling. */
    public static boolean isActedOn(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (String prefix : RecordHeaderPolicy.ACTED_ON) {
            if (lower.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
