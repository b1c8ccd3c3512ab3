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
 * Protects the endpoints for operators. Pages of other sites are rejected: the header Origin must match the server, and on
 * loopback the header Host must be a loopback name. With authentication enabled, the caller needs a token with the role
 * for {@link Roles#MANAGEMENT}. Browsers prompt for it as the password of any user name.
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
        names = new HostNames(host, List.of());
        this.loopback = loopback;
    }

    /** Runs {@code next} with the caller's name in {@link #WHO}, or rejects the request. */
    void admit(RoutingContext request, Runnable next) {
        try {
            requireSameOrigin(request.request());
        } catch (ProblemException e) {
            answer(request.response(), e);
            return;
        }
        authenticator
                .caller(request, token(request.request().getHeader("Authorization")))
                .map(caller -> {
                    roles.require(caller, Roles.MANAGEMENT);
                    return caller == null ? "anonymous" : caller.name();
                })
                .onSuccess(name -> {
                    request.put(WHO, name);
                    next.run();
                })
                .onFailure(failure -> {
                    if (failure instanceof ProblemException e) {
                        answer(request.response(), e);
                    } else {
                        request.fail(failure);
                    }
                });
    }

    private void requireSameOrigin(HttpServerRequest request) {
        String host = request.getHeader("Host");
        String origin = request.getHeader("Origin");
        if (loopback && (host == null || !names.contain(host))
                || origin != null && !authority(origin).equalsIgnoreCase(host)) {
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

    static void answer(HttpServerResponse response, ProblemException problem) {
        if (problem.status() == 401) {
            response.putHeader("WWW-Authenticate", "Basic realm=\"Caravan\", charset=\"UTF-8\"");
        }
        response.setStatusCode(problem.status())
                .putHeader("Content-Type", ProblemResponse.CONTENT_TYPE)
                .end(Buffer.buffer(Json.bytes(ProblemResponse.body(problem))));
    }
}
