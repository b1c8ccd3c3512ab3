package dev.caravan.capability.deadletters;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Identifies a kind of failure by topic, exception and reason, without the parts that differ between records. */
final class Fingerprint {

    private static final int BYTES = 8;
    private static final Pattern QUOTED = Pattern.compile("'[^']*'|\"[^\"]*\"|`[^`]*`");
    private static final Pattern NAMED = Pattern.compile("(?=\\S*\\d)[\\p{Alnum}_.-]+");

    private Fingerprint() {}

    /** 16 hexadecimal digits, equal for failures that an operator would regard as the same one. */
    static String of(String topic, String exception, String reason) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\n", topic, exception, common(reason)).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The reason without quoted texts and words that contain a digit, such as ids, counts and positions. */
    static String common(String reason) {
        return NAMED.matcher(QUOTED.matcher(reason).replaceAll("*")).replaceAll("*");
    }
}
