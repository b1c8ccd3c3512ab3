package dev.caravan.platform.security;

import dev.caravan.platform.edge.MessageOwner;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who calls: a user and the roles that the token carries.
 *
 * @param subject whom a token of no user names; empty where it names a user, or nothing
 */
public record Caller(long userId, Set<String> roles, String subject) implements MessageOwner {

    /** The user id of a token that names no user, such as a machine's: it owns no inbox. */
    public static final long NOBODY = Long.MIN_VALUE;

    /** Somebody without a token, on a path that is public while authentication is on. */
    public static final Caller ANONYMOUS = new Caller(NOBODY, Set.of());

    private static final int HASH_DIGITS = 48;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:][A-Za-z0-9._:-]{0,63}");

    public Caller(long userId, Set<String> roles) {
        this(userId, roles, "");
    }

    /** The user's id, or the subject; as its SHA-256 where it holds other characters than an id may. */
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

    /** For an audit. */
    public String name() {
        return this == ANONYMOUS ? "anonymous" : userId == NOBODY ? "a token of no user" : "user " + userId;
    }

    public boolean is(String role) {
        return roles.contains(role);
    }
}
