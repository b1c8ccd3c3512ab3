package dev.caravan.operations.management;

import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemResponse;
import dev.caravan.platform.http.HostNames;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Roles;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * Protects the endpoints for operators. It rejects pages of other sites: an Origin header must match the server, and on
 * loopback the Host header must be a loopback name. With authentication on, the caller needs a token with the role for
 * {@link Roles#MANAGEMENT}; browsers prompt for it as the password, with any user name.
 */
final class ManagementGuard {

    static final String WHO = "who";

    private static final String BASIC = "Basic ";

    private final Authenticator authenticator;
    private final Roles roles;
    private final boolean loopback;
    private final HostNames names;

    /** @param loopback whether only this machine can reach {@code host}, the address of the port */
    ManagementGuard(Authenticator authenticator, Roles roles, String host, boolean loopback) {
        this.authenticator = authenticator;
        this.roles = roles;
        names = HostNames.of(host, List.of());
        this.loopback = loopback;
    }

    /** Passes the request on with the caller's name at {@link #WHO}, or rejects it. */
    void admit(RoutingContext request, Runnable next) {
        try {
            requireOurs(request.request());
        } catch (ProblemException problemException) {
            answer(request.response(), problemException);
            return;
        }
        authenticator
                .caller(request, token(request.request().getHeader("Authorization")))
                .onComplete(caller -> {
                    try {
                        if (caller.failed()) {
                            throw caller.cause();
                        }
                        roles.require(caller.result(), Roles.MANAGEMENT);
                        request.put(
                                WHO,
                                caller.result() == null
                                        ? "anonymous"
                                        : caller.result().name());
                    } catch (ProblemException problemException) {
                        answer(request.response(), problemException);
                        return;
                    } catch (Throwable failure) {
                        request.fail(failure);
                        return;
                    }
                    next.run();
                });
    }

    private void requireOurs(HttpServerRequest request) {
        String called = request.getHeader("Host");
        String origin = request.getHeader("Origin");
        if (loopback && (called == null || !names.contain(called))
                || origin != null && !authority(origin).equalsIgnoreCase(called)) {
            throw ProblemException.of(403, "forbidden", "The management port does not answer to other sites.");
        }
    }

    private static String authority(String origin) {
        try {
            String authority = URI.create(origin).getRawAuthority();
            return authority == null ? "" : authority;
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String token(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return authorization;
        }
        try {
            byte[] given = Base64.getDecoder()
                    .decode(authorization.substring(BASIC.length()).strip());
            String named = new String(given, StandardCharsets.UTF_8);
            return named.substring(named.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    static void answer(HttpServerResponse response, ProblemException problemException) {
        if (problemException.status() == 401) {
            response.putHeader("WWW-Authenticate", "Basic realm=\"Caravan\", charset=\"UTF-8\"");
        }
        response.setStatusCode(problemException.status())
                .putHeader("Content-Type", ProblemResponse.CONTENT_TYPE)
                .end(Buffer.buffer(Json.bytes(ProblemResponse.body(problemException))));
    }
}
