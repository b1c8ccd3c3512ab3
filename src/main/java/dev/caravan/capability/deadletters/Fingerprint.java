package dev.caravan.capability.deadletters;

import dev.caravan.platform.context.Sha256;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Identifies a kind of failure by topic, exception and reason, without the parts that differ between records. */
final class Fingerprint {

    private static final int BYTES = 8;
    private static final Pattern QUOTED = Pattern.compile("'[^']*'|\"[^\"]*\"|`[^`]*`");
    private static final Pattern NAMED = Pattern.compile("(?=\\S*\\d)[\\p{Alnum}_.-]+");

    private Fingerprint() {}

    /** 16 hexadecimal digits. */
    static String of(String topic, String exception, String reason) {
        byte[] digest = Sha256.of(String.join("\n", topic, exception, generalized(reason)));
        return HexFormat.of().formatHex(digest, 0, BYTES);
    }

    /** The reason without quoted texts and words that contain a digit, such as ids, counts and positions. */
    static String generalized(String reason) {
        return NAMED.matcher(QUOTED.matcher(reason).replaceAll("*")).replaceAll("*");
    }
}
