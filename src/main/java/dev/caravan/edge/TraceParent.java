package dev.caravan.edge;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** The header of W3C Trace Context by which a request and the records that it led to are one trace. */
final class TraceParent {

    static final String HEADER = "traceparent";

    private static final HexFormat HEX = HexFormat.of();
    private static final Pattern VALID =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private TraceParent() {}

    static boolean isValid(String given) {
        return given != null && VALID.matcher(given).matches();
    }

    /** A trace that begins here. */
    static String begin() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "00-" + HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong() | 1) + "-"
                + HEX.toHexDigits(random.nextLong() | 1) + "-01";
    }
}
