package dev.caravan.platform.security;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.ProblemException;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/**
 * Who may do what: the lines {@code roles.<what>=<role>} of the settings. What they name is a group of HTTP routes or
 * one of the constants here; roles are parted by commas, and one of them is enough. What has no line, or an empty one,
 * is for every caller. None of it counts where authentication is off.
 */
public final class Roles extends ContextBean {

    /** Health, Jolokia and Hawtio on the management port. */
    public static final String MANAGEMENT = "management";

    /** Why a message failed, and what was done about it. */
    public static final String FAILURES = "failures";

    /** To act as every user, and to have what is theirs. */
    public static final String EVERY_USER = "every-user";

    private static final String PREFIX = "roles.";

    /**
     * A file of settings that says nothing of these is an old one or has lost a line, and must not open them to
     * everybody.
     */
    private static final Set<String> NEEDED =
            Set.of("routes", "dead-letters", "replays", "bulk-replays", MANAGEMENT, FAILURES, EVERY_USER);

    private volatile Map<String, Set<String>> table;

    /**
     * @param caller null where authentication is off
     * @throws IllegalStateException when a line is missing
     */
    public boolean may(Caller caller, String what) {
        if (caller == null) {
            return true;
        }
        Set<String> roles = table().getOrDefault(what, Set.of());
        return roles.isEmpty() || roles.stream().anyMatch(caller::is);
    }

    /**
     * @param caller null where authentication is off
     * @throws ProblemException 403
     */
    public void require(Caller caller, String what) {
        if (!may(caller, what)) {
            throw ProblemException.of(403, "forbidden", "Forbidden");
        }
    }

    /** @throws ProblemException 403 when the caller is neither this user nor may be every user */
    public void requireUser(Exchange exchange, long userId) {
        Caller caller = exchange.getProperty(Authenticator.CALLER, Caller.class);
        boolean own = caller != null && caller.userId() == userId && userId != Caller.NOBODY;
        if (!own) {
            require(caller, EVERY_USER);
        }
    }

    Map<String, Set<String>> table() {
        if (table == null) {
            // They do not change while the program runs.
            table = read();
        }
        return table;
    }

    private Map<String, Set<String>> read() {
        Properties lines = getCamelContext().getPropertiesComponent().loadProperties(key -> key.startsWith(PREFIX));
        Map<String, Set<String>> read = lines.stringPropertyNames().stream()
                .collect(Collectors.toMap(key -> key.substring(PREFIX.length()), key -> roles(lines.getProperty(key))));
        Set<String> missing = new TreeSet<>(NEEDED);
        missing.removeAll(read.keySet());
        if (!missing.isEmpty()) {
            throw new IllegalStateException("application.properties says of " + String.join(", ", missing)
                    + " not who may: a line " + PREFIX + missing.iterator().next() + "=<role> is needed");
        }
        return read;
    }

    private Set<String> roles(String line) {
        return Arrays.stream(getCamelContext().resolvePropertyPlaceholders(line).split(","))
                .map(String::strip)
                .filter(role -> !role.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }
}
