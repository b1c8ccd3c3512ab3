package dev.caravan.capability.deadletters;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** What failures have in common: topic, exception and reason, but for what differs from record to record. */
final class Fingerprint {

    private static final int BYTES = 8;
    private static final Pattern QUOTED = Pattern.compile("'[^']*'|\"[^\"]*\"|`[^`]*`");
    private static final Pattern NAMED = Pattern.compile("(?=\\S*\\d)[\\p{Alnum}_.-]+");

    private Fingerprint() {}

    /** 16 hexadecimal digits; the same for failures of which an operator would say that they are one. */
    static String of(String topic, String exception, String reason) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\n", topic, exception, common(reason)).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Without quoted texts, and without words that hold a digit: ids, counts, places. */
    static String common(String reason) {
        return NAMED.matcher(QUOTED.matcher(reason).replaceAll("*")).replaceAll("*");
    }
}
