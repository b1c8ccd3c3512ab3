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
 * Tokens with their users and roles: entries {@code token=userId[:role+role]}, or with {@code sha256:<64 hex digits>}
 * instead of the token. Holds only SHA-256 hashes; a look-up compares with each of them in constant time.
 */
public final class Tokens {

    /** The token of the README's first example. */
    public static final String SAMPLE = "valid-token";

    /** A token may contain any character except the comma, including the equals sign of Base64. */
    private static final Pattern ENTRY =
            Pattern.compile("(?<token>.+)=(?<user>\\d{1,18})(:(?<roles>[^+:=]+(\\+[^+:=]+)*))?");

    private static final String HASHED = "sha256:";
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Tokens NONE = new Tokens(List.of());

    private record TokenEntry(byte[] hash, Caller caller) {}

    private final List<TokenEntry> entries;

    private Tokens(List<TokenEntry> entries) {
        this.entries = entries;
    }

    /**
     * Comma-separated entries; none if the text is blank.
     *
     * @throws IllegalArgumentException with the number of the entry, never the token
     */
    public static Tokens of(String configured) {
        if (configured.isBlank()) {
            return NONE;
        }
        List<TokenEntry> entries = new ArrayList<>();
        for (String entry : configured.split(",")) {
            entries.add(entry(entry.strip(), "entry " + (entries.size() + 1)));
        }
        return new Tokens(entries);
    }

    /**
     * One entry per line, in UTF-8; blank lines and lines that begin with {@code #} are ignored.
     *
     * @throws IllegalArgumentException with the number of the line, never the token
     */
    public static Tokens ofFile(byte[] bytes) {
        List<TokenEntry> entries = new ArrayList<>();
        int number = 0;
        for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
            number++;
            String entry = line.strip();
            if (!entry.isEmpty() && !entry.startsWith("#")) {
                entries.add(entry(entry, "line " + number));
            }
        }
        return new Tokens(entries);
    }

    /** What an entry may contain instead of this token. */
    public static String hashed(String token) {
        return HASHED + Sha256.hex(token);
    }

    private static TokenEntry entry(String entry, String place) {
        Matcher matcher = ENTRY.matcher(entry);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(place + " is not token=userId[:role+role]");
        }
        String token = matcher.group("token");
        String roles = matcher.group("roles");
        return new TokenEntry(
                token.startsWith(HASHED) ? parsed(token.substring(HASHED.length()), place) : Sha256.of(token),
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

    public boolean containSample() {
        return caller(SAMPLE).isPresent();
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    Optional<Caller> caller(String token) {
        return entries.isEmpty() ? Optional.empty() : caller(Sha256.of(token));
    }

    Optional<Caller> caller(byte[] hash) {
        Caller found = null;
        for (TokenEntry each : entries) {
            if (MessageDigest.isEqual(each.hash(), hash)) {
                found = each.caller();
            }
        }
        return Optional.ofNullable(found);
    }
}
