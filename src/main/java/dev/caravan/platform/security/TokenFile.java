package dev.caravan.platform.security;

import dev.caravan.platform.context.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tokens with their users and roles: entries {@code token=userId[:role+role]}, with {@code sha256:<64 hex digits>}
 * instead of a token if desired. Stored as SHA-256 hashes; a look-up compares with each of them in constant time.
 */
public final class TokenFile {

    /** The shipped token, for the first example of the README. */
    public static final String SAMPLE = "valid-token";

    /** A token may contain any character except the comma, including the equals sign of Base64. */
    private static final Pattern ENTRY =
            Pattern.compile("(?<token>.+)=(?<user>\\d{1,18})(:(?<roles>[^+:=]+(\\+[^+:=]+)*))?");

    private static final String HASHED = "sha256:";
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");
    private static final TokenFile NONE = new TokenFile(List.of());

    private record TokenEntry(byte[] hash, Caller caller) {}

    private final List<TokenEntry> known;

    private TokenFile(List<TokenEntry> known) {
        this.known = known;
    }

    /**
     * Comma-separated entries; none if the text is blank.
     *
     * @throws IllegalArgumentException with the number of the entry, never the token
     */
    public static TokenFile of(String configured) {
        if (configured.isBlank()) {
            return NONE;
        }
        List<TokenEntry> known = new ArrayList<>();
        String[] entries = configured.split(",");
        for (int i = 0; i < entries.length; i++) {
            known.add(entry(entries[i].strip(), "entry " + (i + 1)));
        }
        return new TokenFile(known);
    }

    /**
     * One entry per line, in UTF-8; blank lines and lines that begin with {@code #} are ignored.
     *
     * @throws IllegalArgumentException with the number of the line, never the token
     */
    public static TokenFile ofFile(byte[] bytes) {
        List<TokenEntry> known = new ArrayList<>();
        int number = 0;
        for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
            number++;
            String entry = line.strip();
            if (!entry.isEmpty() && !entry.startsWith("#")) {
                known.add(entry(entry, "line " + number));
            }
        }
        return new TokenFile(known);
    }

    /** The form in which an entry may hold this token. */
    public static String hashed(String token) {
        return HASHED + HexFormat.of().formatHex(hash(token));
    }

    private static TokenEntry entry(String entry, String place) {
        Matcher matcher = ENTRY.matcher(entry);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(place + " is not token=userId[:role+role]");
        }
        String token = matcher.group("token");
        String roles = matcher.group("roles");
        return new TokenEntry(
                token.startsWith(HASHED) ? parsed(token.substring(HASHED.length()), place) : hash(token),
                new Caller(
                        Long.parseLong(matcher.group("user")),
                        roles == null ? Set.of() : Set.copyOf(List.of(roles.split("\\+")))));
    }

    private static byte[] parsed(String hash, String place) {
        if (!HASH.matcher(hash).matches()) {
            throw new IllegalArgumentException(place + " is not sha256: and 64 hex digits");
        }
        return HexFormat.of().parseHex(hash);
    }

    /** Whether the sample token is one of them. */
    public boolean holdSample() {
        return caller(SAMPLE).isPresent();
    }

    public boolean isEmpty() {
        return known.isEmpty();
    }

    Optional<Caller> caller(String token) {
        return known.isEmpty() ? Optional.empty() : caller(hash(token));
    }

    Optional<Caller> caller(byte[] hash) {
        Caller found = null;
        for (TokenEntry each : known) {
            if (MessageDigest.isEqual(each.hash(), hash)) {
                found = each.caller();
            }
        }
        return Optional.ofNullable(found);
    }

    static byte[] hash(String token) {
        return Sha256.of(token);
    }
}
