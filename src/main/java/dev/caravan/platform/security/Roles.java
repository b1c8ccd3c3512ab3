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
 * Permissions: the settings {@code roles.<resource>=<role>}. A resource is a group of HTTP routes or one of the constants
 * here. Roles are comma-separated, and a caller needs one of them. A resource without roles is open to every caller.
 * Ignored if authentication is off.
 */
public final class Roles extends ContextBean {

    /** Health, Jolokia and Hawtio on the management port. */
    public static final String MANAGEMENT = "management";

    /** Reading why a message failed and how operators handled it. */
    public static final String FAILURES = "failures";

    /** Acting on behalf of any user. */
    public static final String EVERY_USER = "every-user";

    private static final String PREFIX = "roles.";

    /** Must be set, so that an old or incomplete settings file does not open these to every caller. */
    private static final Set<String> REQUIRED =
            Set.of("routes", "dead-letters", "replays", "bulk-replays", MANAGEMENT, FAILURES, EVERY_USER);

    private volatile Map<String, Set<String>> table;

    /**
     * @param caller null if authentication is off
     * @throws IllegalStateException if a required setting is missing
     */
    public boolean allows(Caller caller, String resource) {
        if (caller == null) {
            return true;
        }
        Set<String> roles = table().getOrDefault(resource, Set.of());
        return roles.isEmpty() || roles.stream().anyMatch(caller::hasRole);
    }

    /**
     * @param caller null if authentication is off
     * @throws ProblemException 403 if the caller has none of the roles
     */
    public void require(Caller caller, String resource) {
        if (!allows(caller, resource)) {
            throw ProblemException.of(403, "forbidden", "Forbidden");
        }
    }

    /** @throws ProblemException 403 if the caller neither is this user nor may act for every user */
    public void requireUser(Exchange exchange, long userId) {
        Caller caller = exchange.getProperty(Authenticator.CALLER, Caller.class);
        boolean own = caller != null && caller.userId() == userId && userId != Caller.NO_USER;
        if (!own) {
            require(caller, EVERY_USER);
        }
    }

    Map<String, Set<String>> table() {
        if (table == null) {
            // Settings do not change while the program runs.
            table = read();
        }
        return table;
    }

    private Map<String, Set<String>> read() {
        Properties settings = getCamelContext().getPropertiesComponent().loadProperties(key -> key.startsWith(PREFIX));
        Map<String, Set<String>> read = settings.stringPropertyNames().stream()
                .collect(Collectors.toMap(
                        key -> key.substring(PREFIX.length()), key -> roles(settings.getProperty(key))));
        Set<String> missing = new TreeSet<>(REQUIRED);
        missing.removeAll(read.keySet());
        if (!missing.isEmpty()) {
            throw new IllegalStateException(missing.stream()
                    .map(each -> "`" + PREFIX + each + "=<role>`")
                    .collect(Collectors.joining(", ", "Missing setting: add ", " to application.properties")));
        }
        return read;
    }

    private Set<String> roles(String setting) {
        return Arrays.stream(
                        getCamelContext().resolvePropertyPlaceholders(setting).split(","))
                .map(String::strip)
                .filter(role -> !role.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }
}
