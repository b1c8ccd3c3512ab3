package dev.caravan.platform.security;

import dev.caravan.platform.context.Sha256;
import dev.caravan.platform.edge.MessageOwner;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The caller of a request: the user and the roles of its token.
 *
 * @param userId {@link #NO_USER} if the token names no user
 * @param subject the token's subject if it names no user; otherwise empty
 */
public record Caller(long userId, Set<String> roles, String subject) implements MessageOwner {

    /** The user id of a token that names no user, such as a machine's: it has no inbox. */
    public static final long NO_USER = Long.MIN_VALUE;

    /** A caller of a public path without a token, with authentication on. */
    public static final Caller ANONYMOUS = new Caller(NO_USER, Set.of());

    private static final int HASH_DIGITS = 48;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:][A-Za-z0-9._:-]{0,63}");

    public Caller(long userId, Set<String> roles) {
        this(userId, roles, "");
    }

    /** The user id; without one, the subject, or its SHA-256 if it contains characters that an id must not contain. */
    @Override
    public String scope() {
        if (userId != NO_USER) {
            return Long.toString(userId);
        }
        if (subject.isEmpty()) {
            return "-";
        }
        return PLAIN.matcher(subject).matches()
                ? subject
                : "sha256-" + Sha256.hex(subject).substring(0, HASH_DIGITS);
    }

    /** The name in the audit. */
    public String name() {
        return this == ANONYMOUS ? "anonymous" : userId == NO_USER ? "a token without a user" : "user " + userId;
    }

    public boolean hasRole(String role) {
        return roles.contains(role);
    }
}
