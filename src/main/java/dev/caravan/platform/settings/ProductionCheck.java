package dev.caravan.platform.settings;

import dev.caravan.platform.security.CredentialFinder;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Rejects defaults for local development if {@code PROFILE=production}. {@code PRODUCTION_ALLOW} permits some of them.
 */
final class ProductionCheck {

    private static final String BROKER = "embedded-broker";
    private static final String DATABASE = "embedded-database";
    private static final String MANAGEMENT = "open-management";
    private static final String KEYS = "plain-keys";

    static final Set<String> ALLOWABLE = new TreeSet<>(Set.of(BROKER, DATABASE, MANAGEMENT, KEYS));

    private ProductionCheck() {}

    /** @param credentialFinder null if authentication is off or its settings have already been reported as invalid */
    static List<String> problems(Settings settings, CredentialFinder credentialFinder) {
        List<String> problems = new ArrayList<>();
        List<String> allowed = settings.items("production.allow");
        if (!settings.is("auth.enabled")) {
            problems.add("PROFILE=production requires authentication: set AUTH_ENABLED=true");
        }
        if (credentialFinder != null && credentialFinder.acceptsSample()) {
            problems.add("PROFILE=production rejects the sample token valid-token: remove it from"
                    + " AUTH_TOKENS or AUTH_TOKENS_FILE");
        }
        if (settings.embedsBroker() && !allowed.contains(BROKER)) {
            problems.add("PROFILE=production requires external brokers: set KAFKA_BROKERS" + unless(BROKER));
        }
        if ((settings.embedsDatabase() || settings.get("database.url").startsWith("jdbc:h2:"))
                && !allowed.contains(DATABASE)) {
            problems.add("PROFILE=production requires PostgreSQL: set DATABASE_URL" + unless(DATABASE));
        }
        if (!Settings.isLoopback(settings.get("management.host")) && !allowed.contains(MANAGEMENT)) {
            problems.add("PROFILE=production requires a local management port, because metrics need no token: set"
                    + " MANAGEMENT_HOST=127.0.0.1" + unless(MANAGEMENT));
        }
        if (settings.get("auth.jwt.keys").startsWith("http://")
                && !Settings.isLoopback(
                        URI.create(settings.get("auth.jwt.keys")).getHost())
                && !allowed.contains(KEYS)) {
            problems.add("PROFILE=production requires TLS to fetch keys: set AUTH_JWT_KEYS to an https URL or to a file"
                    + unless(KEYS));
        }
        return problems;
    }

    private static String unless(String allowed) {
        return ", or PRODUCTION_ALLOW=" + allowed;
    }
}
