package dev.caravan.platform.edge;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/** The W3C Trace Context header, which puts a request and its records in one trace. */
public final class TraceParent {

    /** The header of requests and records. */
    public static final String HEADER = "traceparent";

    /** The exchange property with the header's initial value. */
    public static final String PROPERTY = "CaravanTraceParent";

    private static final HexFormat HEX = HexFormat.of();
    private static final int LENGTH = 55;
    private static final String VERSION = "00";
    private static final String FIELDS = "-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}";

    /** Version, trace, parent and flags. Later versions may add fields. */
    private static final Pattern VALID =
            Pattern.compile(VERSION + FIELDS + "|(?!00|ff)[0-9a-f]{2}" + FIELDS + "(?:-.*)?", Pattern.DOTALL);

    private TraceParent() {}

    static boolean isValid(String given) {
        return given != null && VALID.matcher(given).matches();
    }

    /** Removes the fields that later versions add. */
    static String toVersion00(String valid) {
        return valid.startsWith(VERSION) ? valid : VERSION + valid.substring(2, LENGTH);
    }

    /** The trace id of an exchange; null if there is none. */
    public static String traceId(Exchange exchange) {
        String initial = exchange.getProperty(PROPERTY, String.class);
        return traceId(initial == null ? exchange.getMessage().getHeader(HEADER, String.class) : initial);
    }

    /** The trace id in a value of the header; null if it is not valid. */
    public static String traceId(String given) {
        return isValid(given) ? given.substring(3, 35) : null;
    }

    public static boolean isTraceId(String given) {
        return given.matches("(?!0{32})[0-9a-f]{32}");
    }

    /** A new, sampled trace. */
    static String create() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "00-" + HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong() | 1) + "-"
                + HEX.toHexDigits(random.nextLong() | 1) + "-01";
    }
}
