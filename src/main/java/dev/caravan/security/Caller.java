package dev.caravan.security;

import java.util.Set;

/** Who calls: a user and the roles that the token carries. */
public record Caller(long userId, Set<String> roles) {

    /** The user id of a token that names no user, such as a machine's: it owns no inbox. */
    public static final long NOBODY = Long.MIN_VALUE;

    /** Somebody without a token, on a path that is public while authentication is on. */
    public static final Caller ANONYMOUS = new Caller(NOBODY, Set.of());

    /** For an audit. */
    public String name() {
        return this == ANONYMOUS ? "anonymous" : userId == NOBODY ? "a token of no user" : "user " + userId;
    }

    public boolean is(String role) {
        return roles.contains(role);
    }
}
