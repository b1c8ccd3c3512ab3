package dev.caravan.platform.security;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.RepeatedTask;
import dev.caravan.platform.edge.MessageOwner;
import dev.caravan.platform.edge.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Authenticates HTTP callers and limits their rate. {@code Authorization} is the token itself or
 * {@code Bearer <token>}, with one space; all other values get the same 401. Never blocks the caller's thread: worker
 * threads verify signatures, and another thread reads files and the network.
 */
public final class Authenticator extends ContextBean implements AutoCloseable {

    /** The property that holds the {@link Caller}; absent if authentication is off. */
    public static final String CALLER = MessageOwner.PROPERTY;

    /** The property that supplies the {@link Grant}; absent if authentication is off. */
    public static final String GRANT = "grant";

    /** The property with the caller's name, for the audit. */
    public static final String WHO = "CaravanWho";

    private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);
    private static final String HEADER = "Authorization";
    private static final String SCHEME = "Bearer ";
    private static final int VERIFIERS = 2;
    private static final int RETRY_AFTER_SECONDS = 5;

    private boolean enabled;
    private Set<String> publicPaths = Set.of();
    private List<String> publicTrees = List.of();
    private RequestRate requestRate;
    private volatile Tickets tickets;
    private volatile CredentialFinder credentialFinder;
    private volatile WorkerExecutor verifiers;
    private ScheduledExecutorService background;

    /**
     * The caller of a request: null if authentication is off, {@link Caller#ANONYMOUS} if the path is public and the
     * request has no token. Fails with a {@link ProblemException}: 401, 429, or 503 until the issuer's keys have been
     * fetched.
     */
    public Future<Caller> caller(RoutingContext request) {
        List<String> given = request.request().headers().getAll(HEADER);
        if (enabled && given.isEmpty() && tickets != null && tickets.isGiven(request)) {
            return redeem(request);
        }
        if (enabled && given.isEmpty() && isPublic(request.normalizedPath())) {
            return admit(request, Caller.ANONYMOUS);
        }
        // Two Authorization headers are ambiguous.
        return enabled ? caller(request, given.size() == 1 ? given.get(0) : null) : admit(request, null);
    }

    /** The caller with this {@code Authorization}; null if authentication is off. */
    public Future<Caller> caller(RoutingContext request, String authorization) {
        if (!enabled) {
            return Future.succeededFuture();
        }
        if (authorization == null) {
            return refuse(request);
        }
        String token = token(authorization);
        Optional<Caller> known = credentials().known(token);
        if (known.isPresent()) {
            return admit(request, known.get());
        }
        return credentials().isSigned(token) ? verify(request, token) : refuse(request);
    }

    /** Looks up the ticket, unless the address has already used up its requests of this second. */
    private Future<Caller> redeem(RoutingContext request) {
        return verifiers(request)
                .executeBlocking(
                        () -> {
                            if (requestRate != null) {
                                requestRate.requireLeft(address(request));
                            }
                            try {
                                return tickets.redeem(request).orElse(null);
                            } catch (DataAccessException e) {
                                throw ProblemException.unavailable(
                                        "The database does not answer.", RETRY_AFTER_SECONDS);
                            }
                        },
                        false)
                .compose(grant -> {
                    if (grant == null) {
                        return refuse(request);
                    }
                    request.put(GRANT, grant);
                    return admit(request, grant.caller());
                });
    }

    /** The grant of a request's token or ticket. */
    public Grant grant(RoutingContext request, Caller caller) {
        Grant redeemed = request.get(GRANT);
        String authorization = request.request().getHeader(HEADER);
        if (redeemed != null || !enabled || authorization == null) {
            return redeemed != null ? redeemed : new Grant(caller, "", Long.MAX_VALUE);
        }
        String token = token(authorization);
        return credentials().isConfigured(TokenFile.hash(token))
                ? new Grant(caller, HexFormat.of().formatHex(TokenFile.hash(token)), Long.MAX_VALUE)
                : new Grant(caller, "", credentials().endsAtMillis(token));
    }

    /** Whether the token of a grant is still valid. Never blocks. */
    public boolean isValid(Grant grant) {
        return !enabled
                || System.currentTimeMillis() < grant.endsAtMillis()
                        && (grant.tokenHash().isEmpty()
                                || credentials().isConfigured(HexFormat.of().parseHex(grant.tokenHash())));
    }

    private static String token(String authorization) {
        return authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? authorization.substring(SCHEME.length())
                : authorization;
    }

    /** The one-time tickets that are accepted instead of a token. */
    public void setTickets(Tickets tickets) {
        this.tickets = tickets;
    }

    /** Verifies the signature, unless the address has already used up its requests of this second. */
    private Future<Caller> verify(RoutingContext request, String token) {
        return verifiers(request)
                .executeBlocking(
                        () -> {
                            if (requestRate != null) {
                                requestRate.requireLeft(address(request));
                            }
                            return credentials().verify(token).orElse(null);
                        },
                        false)
                .compose(caller -> caller == null ? refuse(request) : admit(request, caller));
    }

    private WorkerExecutor verifiers(RoutingContext request) {
        if (verifiers == null) {
            // Vert.x shares one executor for each name.
            verifiers = request.vertx().createSharedWorkerExecutor("caravan-signatures", VERIFIERS);
        }
        return verifiers;
    }

    private Future<Caller> refuse(RoutingContext request) {
        Future<Caller> admitted = admit(request, Caller.ANONYMOUS);
        return admitted.failed()
                ? admitted
                : Future.failedFuture(ProblemException.of(401, "unauthorized", "Unauthorized"));
    }

    /** Counts callers without a user by their address. */
    private Future<Caller> admit(RoutingContext request, Caller caller) {
        if (requestRate != null) {
            try {
                requestRate.admit(
                        caller != null && caller.userId() != Caller.NOBODY ? caller.userId() : address(request));
            } catch (ProblemException tooMany) {
                return Future.failedFuture(tooMany);
            }
        }
        return Future.succeededFuture(caller);
    }

    private static String address(RoutingContext request) {
        return request.request().remoteAddress().hostAddress();
    }

    public boolean isEnabled() {
        return enabled;
    }

    /** Whether this path needs no token. */
    public boolean isPublic(String path) {
        if (publicPaths.contains(path)) {
            return true;
        }
        for (String tree : publicTrees) {
            if (path.startsWith(tree)) {
                return true;
            }
        }
        return false;
    }

    private CredentialFinder credentials() {
        if (credentialFinder == null) {
            open();
        }
        return credentialFinder;
    }

    /** Loads tokens and keys, and reloads them until {@link #close}. The first request calls it if nothing else has. */
    public synchronized void open() {
        if (!enabled || credentialFinder != null) {
            return;
        }
        CredentialFinder read = new CredentialFinder(property -> getCamelContext()
                .getPropertiesComponent()
                .resolveProperty(property)
                .orElse(""));
        bean(Roles.class).table();
        background = getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "caravan-credentials");
        background.scheduleWithFixedDelay(
                new RepeatedTask("The check of tokens and keys", LOG, read::look), 0, 1, TimeUnit.SECONDS);
        credentialFinder = read;
        if (read.holdSample()) {
            LOG.warn("The public sample token {} is accepted; set AUTH_TOKENS to your own tokens", TokenFile.SAMPLE);
        }
    }

    @Override
    public synchronized void close() {
        if (background != null) {
            background.shutdownNow();
            credentialFinder.close();
        }
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /** The paths that need no token, comma-separated: {@code /a} is that path, {@code /a/*} every path below it. */
    public void setPublicPaths(String paths) {
        Set<String> exact = new HashSet<>();
        publicTrees = Arrays.stream(paths.split(","))
                .map(String::strip)
                .filter(path -> !path.isEmpty())
                .filter(path -> path.endsWith("/*") || !exact.add(path))
                .map(path -> path.substring(0, path.length() - 1))
                .toList();
        publicPaths = Set.copyOf(exact);
    }

    /** Requests per second of one caller; 0: unlimited. */
    public void setRate(int perSecond) {
        this.requestRate = perSecond == 0 ? null : new RequestRate(perSecond);
    }
}
