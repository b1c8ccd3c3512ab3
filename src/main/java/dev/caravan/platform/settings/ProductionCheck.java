package dev.caravan.platform.settings;

import dev.caravan.platform.security.CredentialFinder;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code PROFILE=production} does not start with: defaults that are right for a first try on one's own machine.
 * Some can be right in production too, for who says so in {@code PRODUCTION_ALLOW}.
 */
final class ProductionCheck {

    private static final String BROKER = "embedded-broker";
    private static final String DATABASE = "embedded-database";
    private static final String MANAGEMENT = "open-management";
    private static final String KEYS = "plain-keys";

    static final Set<String> MAY_BE_ALLOWED = new TreeSet<>(Set.of(BROKER, DATABASE, MANAGEMENT, KEYS));

    private ProductionCheck() {}

    /** @param credentials null where authentication is off, or is wrong in a way that has been said already */
    static List<String> refusals(Settings settings, CredentialFinder credentialFinder) {
        List<String> refusals = new ArrayList<>();
        List<String> allowed = settings.items("production.allow");
        if (!settings.is("auth.enabled")) {
            refusals.add("PROFILE=production asks callers for a token: set AUTH_ENABLED=true");
        }
        if (credentialFinder != null && credentialFinder.holdSample()) {
            refusals.add("PROFILE=production does not let in the token of the examples, valid-token: take it out of"
                    + " AUTH_TOKENS or AUTH_TOKENS_FILE");
        }
        if (settings.embedsBroker() && !allowed.contains(BROKER)) {
            refusals.add(
                    "PROFILE=production keeps its records on brokers of their own: set KAFKA_BROKERS" + unless(BROKER));
        }
        if ((settings.embedsDatabase() || settings.get("database.url").startsWith("jdbc:h2:"))
                && !allowed.contains(DATABASE)) {
            refusals.add("PROFILE=production keeps its state in PostgreSQL: set DATABASE_URL" + unless(DATABASE));
        }
        if (!Settings.isLoopback(settings.get("management.host")) && !allowed.contains(MANAGEMENT)) {
            refusals.add("PROFILE=production does not open the management port, whose metrics ask for no token: set"
                    + " MANAGEMENT_HOST=127.0.0.1" + unless(MANAGEMENT));
        }
        if (settings.get("auth.jwt.keys").startsWith("http://")
                && !Settings.isLoopback(
                        URI.create(settings.get("auth.jwt.keys")).getHost())
                && !allowed.contains(KEYS)) {
            refusals.add(
                    "PROFILE=production does not fetch keys without TLS: set AUTH_JWT_KEYS to a https URL or to a file"
                            + unless(KEYS));
        }
        return refusals;
    }

    private static String unless(String allowed) {
        return ", or PRODUCTION_ALLOW=" + allowed;
    }
}
