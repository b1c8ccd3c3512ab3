package dev.caravan.edge;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.Exchange;

/** The header of W3C Trace Context by which a request and the records that it led to are one trace. */
public final class TraceParent {

    /** The header of a request and of a record, and the property of an exchange that has been given its place in a trace. */
    public static final String HEADER = "traceparent";

    private static final HexFormat HEX = HexFormat.of();
    private static final String NO_TRACE = "0".repeat(32);
    private static final String NO_PARENT = "0".repeat(16);

    private TraceParent() {}

    private static final int LENGTH = 55;
    private static final String VERSION = "00";

    /**
     * Version, trace, parent and flags in lower-case hexadecimal; by hand, for it is asked of each record and request. A version that
     * is not known may say more after a dash.
     */
    static boolean isValid(String given) {
        return given != null
                && (given.length() == LENGTH
                        || given.length() > LENGTH && given.charAt(LENGTH) == '-' && !given.startsWith(VERSION))
                && isHex(given, 0, 2)
                && isHex(given, 3, 35)
                && isHex(given, 36, 52)
                && isHex(given, 53, LENGTH)
                && !given.startsWith("ff")
                && !given.startsWith(NO_TRACE, 3)
                && !given.startsWith(NO_PARENT, 36);
    }

    /** Whether these characters are digits, and a dash or the text's end follows them. */
    private static boolean isHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return to == text.length() || text.charAt(to) == '-';
    }

    /** It in the version that is written here, without what another version says beyond that. */
    static String known(String valid) {
        return valid.startsWith(VERSION) ? valid : VERSION + valid.substring(2, LENGTH);
    }

    /** The id of the trace that an exchange belongs to; null where it belongs to none. */
    public static String traceId(Exchange exchange) {
        String here = exchange.getProperty(HEADER, String.class);
        String trace = here == null ? exchange.getMessage().getHeader(HEADER, String.class) : here;
        return isValid(trace) ? trace.substring(3, 35) : null;
    }

    /** A trace that begins here. */
    static String begin() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "00-" + HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong() | 1) + "-"
                + HEX.toHexDigits(random.nextLong() | 1) + "-01";
    }
}
