package dev.caravan.platform.edge;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/** The header of W3C Trace Context by which a request and the records that it led to are one trace. */
public final class TraceParent {

    /**
     * The header of a request and of a record, and the property of an exchange that has been given its place in a
     * trace.
     */
    public static final String HEADER = "traceparent";

    /** The property that holds what the header said when the message came in. */
    public static final String PROPERTY = "CaravanTraceParent";

    private static final HexFormat HEX = HexFormat.of();
    private static final int LENGTH = 55;
    private static final String VERSION = "00";
    private static final String PLACE = "-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}";

    /** Version, trace, parent and flags. A version that is not known may say more after a dash. */
    private static final Pattern VALID =
            Pattern.compile(VERSION + PLACE + "|(?!00|ff)[0-9a-f]{2}" + PLACE + "(?:-.*)?", Pattern.DOTALL);

    private TraceParent() {}

    static boolean isValid(String given) {
        return given != null && VALID.matcher(given).matches();
    }

    /** It in the version that is written here, without what another version says beyond that. */
    static String known(String valid) {
        return valid.startsWith(VERSION) ? valid : VERSION + valid.substring(2, LENGTH);
    }

    /** The id of the trace that an exchange belongs to; null where it belongs to none. */
    public static String traceId(Exchange exchange) {
        String here = exchange.getProperty(PROPERTY, String.class);
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
