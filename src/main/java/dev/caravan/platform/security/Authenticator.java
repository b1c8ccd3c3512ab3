package dev.caravan.platform.security;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.RepeatedTask;
import dev.caravan.platform.context.Sha256;
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
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Authenticates HTTP callers and limits their rate. {@code Authorization} is the token itself or
 * {@code Bearer <token>}, with one space; all other values get the same 401. Never blocks the caller's thread: worker
 * threads verify signatures, a background thread reads files and the network.
 */
public final class Authenticator extends ContextBean implements AutoCloseable {

    /** The exchange property of the {@link Caller}; absent if authentication is off. */
    public static final String CALLER = MessageOwner.PROPERTY;

    /** The exchange property of a supplier of the {@link Grant}; absent if authentication is off. */
    public static final String GRANT = "grant";

    /** The exchange property of the caller's name, for the audit. */
    public static final String CALLER_NAME = "CaravanWho";

    private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);
    private static final String HEADER = "Authorization";
    private static final String SCHEME = "Bearer ";
    private static final int WORKERS = 2;
    private static final int RETRY_AFTER_SECONDS = 5;

    private boolean enabled;
    private Set<String> publicPaths = Set.of();
    private List<String> publicTrees = List.of();
    private RequestRate requestRate;
    private volatile Tickets tickets;
    private volatile CredentialFinder credentialFinder;
    private volatile WorkerExecutor workers;
    private ScheduledExecutorService background;

    /** @param caller null if authentication is off */
    public static void setCaller(Exchange exchange, Caller caller) {
        if (caller != null) {
            exchange.setProperty(CALLER, caller);
        }
        exchange.setProperty(CALLER_NAME, caller == null ? "anonymous" : caller.name());
    }

    /**
     * The caller of a request: null if authentication is off, {@link Caller#ANONYMOUS} if the path is public and the
     * request has no token. Fails with a {@link ProblemException}: 401, 429, or 503 before the issuer's keys have been
     * fetched.
     */
    public Future<Caller> caller(RoutingContext request) {
        List<String> given = request.request().headers().getAll(HEADER);
        if (enabled && given.isEmpty() && tickets != null && tickets.isPresent(request)) {
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

    private Future<Caller> redeem(RoutingContext request) {
        return onWorker(request, () -> {
                    try {
                        return tickets.redeem(request);
                    } catch (DataAccessException e) {
                        throw ProblemException.unavailable("The database does not answer.", RETRY_AFTER_SECONDS);
                    }
                })
                .compose(grant -> {
                    if (grant.isEmpty()) {
                        return refuse(request);
                    }
                    request.put(GRANT, grant.get());
                    return admit(request, grant.get().caller());
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
        return credentials().isConfigured(Sha256.of(token))
                ? new Grant(caller, Sha256.hex(token), Long.MAX_VALUE)
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

    /** Accepts one-time tickets instead of tokens. */
    public void setTickets(Tickets tickets) {
        this.tickets = tickets;
    }

    private Future<Caller> verify(RoutingContext request, String token) {
        return onWorker(request, () -> credentials().verify(token))
                .compose(caller -> caller.isEmpty() ? refuse(request) : admit(request, caller.get()));
    }

    /** Runs a check on a thread that may block, unless the address has already used up its requests of this second. */
    private <T> Future<T> onWorker(RoutingContext request, Supplier<T> check) {
        if (workers == null) {
            // Vert.x shares one executor for each name.
            workers = request.vertx().createSharedWorkerExecutor("caravan-signatures", WORKERS);
        }
        return workers.executeBlocking(
                () -> {
                    if (requestRate != null) {
                        requestRate.requireLeft(address(request));
                    }
                    return check.get();
                },
                false);
    }

    private Future<Caller> refuse(RoutingContext request) {
        Future<Caller> admitted = admit(request, Caller.ANONYMOUS);
        return admitted.failed()
                ? admitted
                : Future.failedFuture(ProblemException.of(401, "unauthorized", "Unauthorized"));
    }

    /** Counts the request for its user, or without a user, for its address. */
    private Future<Caller> admit(RoutingContext request, Caller caller) {
        if (requestRate != null) {
            try {
                requestRate.admit(
                        caller != null && caller.userId() != Caller.NO_USER ? caller.userId() : address(request));
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
        return publicPaths.contains(path) || publicTrees.stream().anyMatch(path::startsWith);
    }

    private CredentialFinder credentials() {
        if (credentialFinder == null) {
            open();
        }
        return credentialFinder;
    }

    /** Loads tokens and keys, and reloads them until {@link #close}. Called by the first request at the latest. */
    public synchronized void open() {
        if (!enabled || credentialFinder != null) {
            return;
        }
        CredentialFinder found = new CredentialFinder(property -> getCamelContext()
                .getPropertiesComponent()
                .resolveProperty(property)
                .orElse(""));
        bean(Roles.class).table();
        background = getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "caravan-credentials");
        background.scheduleWithFixedDelay(
                new RepeatedTask("The check of tokens and keys", LOG, found::refresh), 0, 1, TimeUnit.SECONDS);
        credentialFinder = found;
        if (found.acceptsSample()) {
            LOG.warn("The public sample token {} is accepted; set AUTH_TOKENS to your own tokens", Tokens.SAMPLE);
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

    /** Sets the paths that need no token, comma-separated: {@code /a} is one path, {@code /a/*} all paths below it. */
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

    /** Sets the requests per second of one caller; 0: unlimited. */
    public void setRate(int perSecond) {
        this.requestRate = perSecond == 0 ? null : new RequestRate(perSecond);
    }
}
