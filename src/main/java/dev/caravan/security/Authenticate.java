package dev.caravan.security;

import dev.caravan.edge.Problem;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The first step of every HTTP route. {@code Authorization} is the token itself or {@code Bearer <token>}; anything else is
 * 401 with one and the same body. The header goes no further than here.
 */
public final class Authenticate implements Processor {

    /** The property that holds the {@link Caller}; absent where authentication is off. */
    public static final String CALLER = "caller";

    private static final String HEADER = "Authorization";
    private static final String SCHEME = "Bearer ";

    private boolean enabled;
    private Set<String> groups = Set.of();
    private Tokens tokens;

    @Override
    public void process(Exchange exchange) {
        Object given = exchange.getMessage().removeHeader(HEADER);
        if (guards(exchange)) {
            caller(given instanceof String text ? text : null)
                    .ifPresent(caller -> exchange.setProperty(CALLER, caller));
        }
    }

    /**
     * Who calls, by what {@code Authorization} says; empty where authentication is off.
     *
     * @throws Problem 401 when authentication is on and the token is missing or unknown
     */
    public Optional<Caller> caller(String authorization) {
        if (!enabled) {
            return Optional.empty();
        }
        if (authorization == null) {
            throw unauthorized();
        }
        String token = authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? authorization.substring(SCHEME.length())
                : authorization;
        return Optional.of(tokens.caller(token.strip()).orElseThrow(Authenticate::unauthorized));
    }

    private boolean guards(Exchange exchange) {
        return groups.contains("*")
                || groups.contains(exchange.getContext()
                        .getRoute(exchange.getFromRouteId())
                        .getGroup());
    }

    private static Problem unauthorized() {
        return Problem.of(401, "unauthorized", "Unauthorized");
    }

    /** @throws Problem 403 when authentication is on and the caller is neither this user nor {@code system} */
    public static void requireUser(Exchange exchange, long userId) {
        Caller caller = exchange.getProperty(CALLER, Caller.class);
        if (caller != null && caller.userId() != userId && !caller.is(Caller.SYSTEM)) {
            throw forbidden();
        }
    }

    /** @throws Problem 403 when authentication is on and the caller does not have the role */
    public static void requireRole(Exchange exchange, String role) {
        Caller caller = exchange.getProperty(CALLER, Caller.class);
        if (caller != null && !caller.is(role)) {
            throw forbidden();
        }
    }

    private static Problem forbidden() {
        return Problem.of(403, "forbidden", "Forbidden");
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /** The route groups that ask for a token, parted by commas; {@code *} for all. */
    public void setGroups(String groups) {
        this.groups = Arrays.stream(groups.split(",")).map(String::strip).collect(Collectors.toUnmodifiableSet());
    }

    public void setTokens(String tokens) {
        this.tokens = new Tokens(tokens);
    }
}
