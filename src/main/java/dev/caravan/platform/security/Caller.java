package dev.caravan.platform.security;

import dev.caravan.platform.edge.MessageOwner;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The caller of a request: a user and the roles of the token.
 *
 * @param subject the subject of a token without a user id; empty if it has a user id or no subject
 */
public record Caller(long userId, Set<String> roles, String subject) implements MessageOwner {

    /** The user id of a token without a user, such as a machine's: it has no inbox. */
    public static final long NOBODY = Long.MIN_VALUE;

    /** A caller without a token on a public path, while authentication is on. */
    public static final Caller ANONYMOUS = new Caller(NOBODY, Set.of());

    private static final int HASH_DIGITS = 48;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:][A-Za-z0-9._:-]{0,63}");

    public Caller(long userId, Set<String> roles) {
        this(userId, roles, "");
    }

    /** The user id, or the subject, as its SHA-256 if it contains characters that an id must not contain. */
    @Override
    public String scope() {
        if (userId != NOBODY) {
            return Long.toString(userId);
        }
        if (subject.isEmpty()) {
            return "-";
        }
        return PLAIN.matcher(subject).matches()
                ? subject
                : "sha256-" + HexFormat.of().formatHex(TokenFile.hash(subject)).substring(0, HASH_DIGITS);
    }

    /** The name in the audit. */
    public String name() {
        return this == ANONYMOUS ? "anonymous" : userId == NOBODY ? "a token of no user" : "user " + userId;
    }

    public boolean is(String role) {
        return roles.contains(role);
    }
}
