package dev.caravan.platform.edge;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/** The W3C Trace Context header, which connects a request and its records in one trace. */
public final class TraceParent {

    /** The header of requests and records. */
    public static final String HEADER = "traceparent";

    /** The property that holds the value of the header at the start of the exchange. */
    public static final String PROPERTY = "CaravanTraceParent";

    private static final HexFormat HEX = HexFormat.of();
    private static final int LENGTH = 55;
    private static final String VERSION = "00";
    private static final String PLACE = "-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}";

    /** Version, trace, parent and flags. Unknown versions may add more after a dash. */
    private static final Pattern VALID =
            Pattern.compile(VERSION + PLACE + "|(?!00|ff)[0-9a-f]{2}" + PLACE + "(?:-.*)?", Pattern.DOTALL);

    private TraceParent() {}

    static boolean isValid(String given) {
        return given != null && VALID.matcher(given).matches();
    }

    /** Converts it to version 00, without additions of later versions. */
    static String known(String valid) {
        return valid.startsWith(VERSION) ? valid : VERSION + valid.substring(2, LENGTH);
    }

    /** The trace id of an exchange; null if it belongs to no trace. */
    public static String traceId(Exchange exchange) {
        String here = exchange.getProperty(PROPERTY, String.class);
        String trace = here == null ? exchange.getMessage().getHeader(HEADER, String.class) : here;
        return traceId(trace);
    }

    /** The trace id in a value of the header; null if it is not valid. */
    public static String traceId(String given) {
        return isValid(given) ? given.substring(3, 35) : null;
    }

    public static boolean isTraceId(String given) {
        return given.matches("(?!0{32})[0-9a-f]{32}");
    }

    /** Starts a new trace. */
    static String begin() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "00-" + HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong() | 1) + "-"
                + HEX.toHexDigits(random.nextLong() | 1) + "-01";
    }
}
