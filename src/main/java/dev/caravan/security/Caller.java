package dev.caravan.security;

import java.util.Set;

/** Who calls: a user and the roles that the token carries. */
public record Caller(long userId, Set<String> roles) {

    /** The user id of a token that names no user, such as a machine's: it owns no inbox. */
    public static final long NOBODY = Long.MIN_VALUE;

    /** For an audit. */
    public String name() {
        return userId == NOBODY ? "a token of no user" : "user " + userId;
    }

    public boolean is(String role) {
        return roles.contains(role);
    }
}
