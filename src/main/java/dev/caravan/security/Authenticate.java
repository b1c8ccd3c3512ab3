package dev.caravan.security;

import dev.caravan.context.InContext;
import dev.caravan.context.RepeatedTask;
import dev.caravan.edge.Problem;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first step of every HTTP route: who calls, whether not too often, and whether with the role that the route's group
 * asks for. {@code Authorization} is the token itself or {@code Bearer <token>}, with one space; anything else is 401 with
 * one and the same body. The header goes no further than here. It never waits: what is read from files or from the network
 * is read by a thread of its own.
 */
public final class Authenticate extends InContext implements Processor, AutoCloseable {

    /** The property that holds the {@link Caller}; absent where authentication is off. */
    public static final String CALLER = "caller";

    /** The property that names the caller, for an audit. */
    public static final String WHO = "who";

    private static final Logger LOG = LoggerFactory.getLogger(Authenticate.class);
    private static final String HEADER = "Authorization";
    private static final String SCHEME = "Bearer ";

    private boolean enabled;
    private Set<String> groups = Set.of();
    private Rate rate;
    private String tokens = "";
    private String tokensFile = "";
    private String jwtIssuer = "";
    private String jwtAudience = "";
    private String jwtKeys = "";
    private String jwtSecretFile = "";
    private String jwtUserClaim = "sub";
    private String jwtRolesClaim = "roles";
    private volatile Credentials credentials;
    private ScheduledExecutorService background;

    @Override
    public void process(Exchange exchange) {
        Object given = exchange.getMessage().removeHeader(HEADER);
        String group = enabled
                ? exchange.getContext().getRoute(exchange.getFromRouteId()).getGroup()
                : null;
        if (!enabled || !guards(group)) {
            admit(exchange, null);
            exchange.setProperty(WHO, "anonymous");
            return;
        }
        Optional<Caller> found = find(given instanceof String text ? text : null);
        admit(exchange, found.orElse(null));
        Caller caller = found.orElseThrow(Authenticate::unauthorized);
        bean(Roles.class).require(caller, group);
        exchange.setProperty(CALLER, caller);
        exchange.setProperty(WHO, caller.name());
    }

    /**
     * Who calls, by what {@code Authorization} says; empty where authentication is off.
     *
     * @throws Problem 401 when authentication is on and the token is missing or unknown
     */
    public Optional<Caller> caller(String authorization) {
        return enabled ? Optional.of(find(authorization).orElseThrow(Authenticate::unauthorized)) : Optional.empty();
    }

    private Optional<Caller> find(String authorization) {
        return authorization == null ? Optional.empty() : credentials().caller(token(authorization));
    }

    private static String token(String authorization) {
        return authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? authorization.substring(SCHEME.length())
                : authorization;
    }

    public boolean isEnabled() {
        return enabled;
    }

    /** Whether routes of this group ask for a token, where authentication is on. */
    public boolean guards(String group) {
        return groups.contains("*") || group != null && groups.contains(group);
    }

    /** Who has no user is told apart by the address. */
    private void admit(Exchange exchange, Caller caller) {
        if (rate != null) {
            rate.admit(
                    caller != null && caller.userId() != Caller.NOBODY
                            ? caller.userId()
                            : exchange.getMessage(HttpMessage.class)
                                    .getRequest()
                                    .remoteAddress()
                                    .hostAddress());
        }
    }

    private Credentials credentials() {
        if (credentials == null) {
            open();
        }
        return credentials;
    }

    /** Reads what callers are known by, and follows it until {@link #close}. At the latest the first request does it. */
    public synchronized void open() {
        if (!enabled || credentials != null) {
            return;
        }
        Credentials read = new Credentials(new Credentials.Given(
                tokens, tokensFile, jwtIssuer, jwtAudience, jwtKeys, jwtSecretFile, jwtUserClaim, jwtRolesClaim));
        bean(Roles.class).table();
        background = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "caravan-credentials");
            thread.setDaemon(true);
            return thread;
        });
        background.scheduleWithFixedDelay(
                new RepeatedTask("The look at what callers are known by", LOG, read::look), 0, 1, TimeUnit.SECONDS);
        credentials = read;
        if (read.holdSample()) {
            LOG.warn(
                    "The sample token {}, which everybody can read, is let in; set AUTH_TOKENS to your own",
                    Tokens.SAMPLE);
        }
    }

    @Override
    public synchronized void close() {
        if (background != null) {
            background.shutdownNow();
        }
    }

    private static Problem unauthorized() {
        return Problem.of(401, "unauthorized", "Unauthorized");
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /** The route groups that ask for a token, parted by commas; {@code *} for all. */
    public void setGroups(String groups) {
        this.groups = Arrays.stream(groups.split(",")).map(String::strip).collect(Collectors.toUnmodifiableSet());
    }

    /** Requests a second of one caller; 0: any number. */
    public void setRate(int perSecond) {
        this.rate = perSecond == 0 ? null : new Rate(perSecond);
    }

    public void setTokens(String tokens) {
        this.tokens = tokens;
    }

    public void setTokensFile(String tokensFile) {
        this.tokensFile = tokensFile;
    }

    public void setJwtIssuer(String jwtIssuer) {
        this.jwtIssuer = jwtIssuer;
    }

    public void setJwtAudience(String jwtAudience) {
        this.jwtAudience = jwtAudience;
    }

    public void setJwtKeys(String jwtKeys) {
        this.jwtKeys = jwtKeys;
    }

    public void setJwtSecretFile(String jwtSecretFile) {
        this.jwtSecretFile = jwtSecretFile;
    }

    public void setJwtUserClaim(String jwtUserClaim) {
        this.jwtUserClaim = jwtUserClaim;
    }

    public void setJwtRolesClaim(String jwtRolesClaim) {
        this.jwtRolesClaim = jwtRolesClaim;
    }
}
