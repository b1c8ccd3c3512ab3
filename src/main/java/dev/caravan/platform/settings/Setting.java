package dev.caravan.platform.settings;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;

/**
 * One setting: an environment variable.
 *
 * @param expected describes valid values, for error messages
 */
public record Setting(String variable, String description, String expected, Predicate<String> valid) {

    private static final long HOUR_MILLIS = 3_600_000;
    private static final Pattern ORIGIN = Pattern.compile("https?://[A-Za-z0-9.\\-\\[\\]:]+");
    /** With an optional listener name, which Kafka accepts. IPv6 addresses are in brackets. */
    private static final Pattern ADDRESS =
            Pattern.compile("(\\w+://)?([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+\\]):(?<port>\\d{1,5})");

    private static final Pattern PATH = Pattern.compile("/[^*?#\\s]*\\*?(?<=[^*]|/\\*)");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._\\-]+");
    private static final Pattern SIZE = Pattern.compile("\\d{1,9}(B|KiB|MiB|GiB)?");
    private static final Pattern DURATIONS =
            Pattern.compile("\\d{1,6}(ms|s|m|h|d)(\\s*,\\s*\\d{1,6}(ms|s|m|h|d)){0,19}");
    private static final Pattern THREE_DURATIONS = Pattern.compile("\\d{1,9}(ms|s|m)(\\s*,\\s*\\d{1,9}(ms|s|m)){2}");

    /** All settings, in the order of the documentation. */
    public static final List<Setting> ALL = List.of(
            text(
                    "ROLE",
                    "which routes start: all, api (HTTP) or worker (consumers, inbox)",
                    Set.of("all", "api", "worker")),
            text(
                    "PROFILE",
                    "other defaults: high-throughput, high-reliability, low-latency or production",
                    Set.of("", "high-throughput", "high-reliability", "low-latency", "production")),
            new Setting(
                    "PRODUCTION_ALLOW",
                    "exceptions that PROFILE=production allows: embedded-broker, embedded-database, open-management, plain-keys",
                    "a list of " + String.join(", ", ProductionCheck.ALLOWABLE),
                    value -> ProductionCheck.ALLOWABLE.containsAll(Settings.list(value))),
            any("INSTANCE_ID", "name of this process among the instances; unset: host:port"),
            any("HTTP_HOST", "listen address of the business port"),
            new Setting(
                    "HTTP_HOSTS",
                    "comma-separated host names by which callers without a token may call; * for any",
                    "* or a list of host names",
                    value -> value.equals("*") || Settings.list(value).stream().allMatch(HOST.asMatchPredicate())),
            number("HTTP_PORT", "business port; 8081 when ROLE is worker", 0, 65_535),
            any("HTTP_TLS_CERTIFICATE", "PEM file of the business port's certificate and its chain; unset: no TLS"),
            any("HTTP_TLS_KEY", "PEM file of its key, PKCS #8"),
            size("HTTP_MAX_BODY", "largest accepted request body", 0, 1 << 30),
            size("HTTP_MAX_HEADER", "largest accepted request headers, in total", 1 << 10, 1 << 20),
            number("HTTP_MAX_CONNECTIONS", "maximum open connections; more are closed", 1, 1_000_000),
            number("HTTP_MAX_REQUESTS", "maximum requests in flight; more get 503", 1, 1_000_000),
            duration(
                    "HTTP_READ_TIMEOUT",
                    "maximum time to receive a request, and maximum idle time of a connection",
                    1_000,
                    600_000),
            number(
                    "HTTP_RATE",
                    "requests per second of one caller (token or address); more get 429; 0: unlimited",
                    0,
                    1_000_000),
            number(
                    "SSE_MAX_CONNECTIONS",
                    "maximum open streams; more get 429; HTTP_MAX_REQUESTS and HTTP_MAX_CONNECTIONS do not count them",
                    0,
                    1_000_000),
            number("SSE_MAX_PER_USER", "maximum open streams of one user; more get 429", 1, 1_000_000),
            any(
                    "SSE_CHANGES_TOPIC",
                    "topic through which the instances notify each other's streams; unused with the embedded database"),
            new Setting(
                    "HTTP_CORS_ORIGINS",
                    "comma-separated origins whose pages may call; * for all; unset: CORS is off",
                    "* or a list of origins such as https://app.example.com",
                    value -> value.equals("*") || Settings.list(value).stream().allMatch(ORIGIN.asMatchPredicate())),
            any("MANAGEMENT_HOST", "listen address of the management port"),
            number("MANAGEMENT_PORT", "health, metrics, Jolokia and Hawtio", 0, 65_535),
            bool("JOLOKIA_ENABLED", "whether the management port has Jolokia and Hawtio"),
            any("HAWTIO_DIR", "folder of Hawtio's pages; unset: none"),
            new Setting(
                    "KAFKA_BROKERS",
                    "host:port,…; unset: an embedded broker starts",
                    "a list of host:port such as kafka-1:9092,kafka-2:9092",
                    value -> !Settings.list(value).isEmpty()
                            && Settings.list(value).stream().allMatch(Setting::isAddress)),
            number("KAFKA_EMBEDDED_PORT", "port of the embedded broker, on 127.0.0.1", 0, 65_535),
            text(
                    "KAFKA_SECURITY_PROTOCOL",
                    "protocol to the brokers: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
                    Set.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")),
            text(
                    "KAFKA_SASL_MECHANISM",
                    "SASL mechanism",
                    Set.of("GSSAPI", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")),
            new Setting(
                    "KAFKA_SASL_JAAS_CONFIG",
                    "JAAS configuration of the SASL mechanism",
                    "a JAAS line such as <class of the login module> required username=\"…\" password=\"…\";",
                    Setting::isJaas),
            any("KAFKA_SSL_TRUSTSTORE_LOCATION", "file with the brokers' certificate authority"),
            any("KAFKA_SSL_TRUSTSTORE_PASSWORD", "its password"),
            text("KAFKA_SSL_TRUSTSTORE_TYPE", "its type", Set.of("JKS", "PKCS12", "PEM")),
            any("KAFKA_SSL_KEYSTORE_LOCATION", "file with this program's certificate"),
            any("KAFKA_SSL_KEYSTORE_PASSWORD", "its password"),
            number("KAFKA_TOPIC_PARTITIONS", "partitions of topics that the program creates", 1, 10_000),
            number(
                    "KAFKA_TOPIC_REPLICATION",
                    "replicas of topics that the program creates; -1: the broker's default",
                    -1,
                    32),
            retention("KAFKA_TOPIC_RETENTION", "retention of topics that the program creates"),
            any("KAFKA_CONSUMER_GROUP_ID", "prefix of the consumer groups: caravan-orders, caravan-retry-1"),
            number("KAFKA_CONSUMER_WORKERS", "consumers of each topic in this process", 1, 1_000),
            text(
                    "KAFKA_CONSUMER_ISOLATION",
                    "read_committed: records of aborted transactions are not read",
                    Set.of("read_committed", "read_uncommitted")),
            number("KAFKA_CONSUMER_FETCH_MIN_BYTES", "minimum bytes a fetch waits for", 1, Integer.MAX_VALUE),
            number("KAFKA_CONSUMER_FETCH_MAX_BYTES", "maximum bytes of a fetch", 1, Integer.MAX_VALUE),
            duration(
                    "KAFKA_CONSUMER_FETCH_MAX_WAIT",
                    "maximum time a fetch may block; idle partitions of a broker can delay busy ones by up to this long",
                    10,
                    // Less than a request to a broker may take.
                    20_000),
            duration(
                    "KAFKA_CONSUMER_COMMIT_INTERVAL",
                    "maximum time until processed records are committed; 0ms: each record is committed alone",
                    0,
                    60_000),
            duration(
                    "KAFKA_CONSUMER_RECORD_TIMEOUT",
                    "time limit of an attempt at one record; then its consumer is restarted and the record goes to its next topic",
                    1_000,
                    300_000),
            text(
                    "KAFKA_PRODUCER_ACKS",
                    "replicas that must acknowledge a record: 0, 1 (the leader) or all (in sync)",
                    Set.of("0", "1", "all")),
            bool("KAFKA_PRODUCER_IDEMPOTENT", "no duplicates by the producer's own retries; needs acks=all"),
            number(
                    "KAFKA_PRODUCER_RETRIES",
                    "the producer's own retries, within PUBLISH_TIMEOUT",
                    0,
                    Integer.MAX_VALUE),
            text(
                    "KAFKA_PRODUCER_COMPRESSION",
                    "compression of record batches: none, gzip, snappy, lz4 or zstd",
                    Set.of("none", "gzip", "snappy", "lz4", "zstd")),
            duration("PUBLISH_TIMEOUT", "maximum time until a publishing request is answered", 100, 600_000),
            number("RETRY_ATTEMPTS", "in-place attempts per record and retry tier, including the first", 1, 20),
            duration("RETRY_BACKOFF", "pause before the second attempt; doubles for each further one", 0, 60_000),
            duration("RETRY_BACKOFF_MAX", "maximum of these pauses", 0, 60_000),
            new Setting(
                    "RETRY_DELAYS",
                    "delays of the three retry topics",
                    "three durations below 4m, such as 1s,10s,60s",
                    Setting::areDelays),
            text(
                    "DEDUPE_STORE",
                    "where MessageIDs of processed messages are stored: sql or memory",
                    Set.of("sql", "memory")),
            number("DEAD_LETTER_MAX_REPLAYS", "maximum replays of a message", 0, 1_000),
            duration("SEARCH_TIMEOUT", "maximum time of a search in Kafka", 100, 600_000),
            retention("RETAIN_MESSAGE_IDS", "how long a MessageID prevents a second effect of its message"),
            retention("RETAIN_ATTEMPTS", "how long failed attempts are kept"),
            retention(
                    "RETAIN_DEAD_LETTERS",
                    "how long a dead letter is kept in the index after it was replayed or discarded"),
            retention("RETAIN_IDEMPOTENCY_KEYS", "how long an Idempotency-Key gets the same answer"),
            retention("RETAIN_AUDIT", "how long the audit keeps actions of operators"),
            number(
                    "RECEIPTS_KEPT",
                    "number of newest published messages whose position in Kafka is kept in memory",
                    0,
                    100_000),
            new Setting(
                    "DATA_DIR",
                    "folder of the embedded broker and database",
                    "a folder without ; , or \\ in its path, which Kafka or H2 would misread",
                    value -> !value.isBlank() && value.chars().noneMatch(c -> ";,\\".indexOf(c) >= 0)),
            new Setting(
                    "DATABASE_URL",
                    "jdbc:postgresql://…; unset: an embedded H2 file under DATA_DIR",
                    DatabaseUrl.EXPECTED,
                    value -> new DatabaseUrl(value).isKnown()),
            any("DATABASE_USER", "database user"),
            any("DATABASE_PASSWORD", "its password"),
            number(
                    "DATABASE_POOL",
                    "connections for requests; each thread of a Kafka consumer has one more of its own",
                    1,
                    1_000),
            any("USERS_FILE", "the users: classpath:users.json or file:…"),
            any("ROUTES_DIR", "folder of the route files"),
            any("SCHEMAS_DIR", "folder of the JSON Schemas"),
            any("MIGRATIONS_DIR", "folder of your own SQL migrations; unset: none"),
            bool("AUTH_ENABLED", "whether callers need a token"),
            bool(
                    "ALLOW_UNAUTHENTICATED",
                    "whether HTTP_HOST may be a non-loopback address while callers need no token"),
            new Setting(
                    "AUTH_PUBLIC",
                    "comma-separated paths that need no token; /a/* for all paths below /a; unset: none",
                    "a list of paths such as /openapi, /docs/*",
                    value -> Settings.list(value).stream().allMatch(PATH.asMatchPredicate())),
            any("AUTH_TOKENS", "token=userId[:role+role],…; sha256:… may stand for a token"),
            any("AUTH_TOKENS_FILE", "file of such entries, one per line; edits apply while the program runs"),
            any("AUTH_JWT_ISSUER", "issuer of accepted JSON Web Tokens"),
            any("AUTH_JWT_AUDIENCE", "audience that these tokens must name"),
            any("AUTH_JWT_KEYS", "the issuer's public keys: file (PEM, JWK, JWK Set) or URL of a JWK Set"),
            any("AUTH_JWT_SECRET_FILE", "instead of keys: file with a secret shared with the issuer (HS256)"),
            any("AUTH_JWT_USER_CLAIM", "claim that holds the user id"),
            any("AUTH_JWT_ROLES_CLAIM", "claim that holds the roles; a.b for b inside a"),
            new Setting(
                    "EVENTS_TOPICS",
                    "further topics that POST /api/v1/events may write to",
                    "comma-separated topics, none of them a substring of kafka",
                    Setting::areEventsTopics),
            bool("WEBHOOKS_ENABLED", "whether records are delivered to webhooks"),
            new Setting(
                    "WEBHOOKS_ALLOWED_NETWORKS",
                    "non-public networks that webhooks may call, also without TLS; unset: none",
                    "comma-separated networks such as 10.1.0.0/16,fd00:1::/32",
                    value -> Settings.list(value).stream().allMatch(Setting::isNetwork)),
            new Setting(
                    "WEBHOOKS_RETRY_DELAYS",
                    "pauses between the attempts at a webhook, each up to a fifth longer or shorter",
                    "1 to 20 comma-separated durations such as 5s,1m,2h",
                    value -> DURATIONS.matcher(value).matches()),
            retention("WEBHOOKS_DISABLE_AFTER", "an endpoint without a success for this long is disabled"),
            text("LOG_FORMAT", "text or json; unset: text on a terminal", Set.of("", "text", "json")));

    private static Setting any(String variable, String description) {
        return new Setting(variable, description, "text", value -> true);
    }

    private static Setting text(String variable, String description, Set<String> values) {
        String expected = "one of "
                + String.join(
                        ", ", values.stream().filter(v -> !v.isEmpty()).sorted().toList());
        return new Setting(variable, description, expected, values::contains);
    }

    private static Setting bool(String variable, String description) {
        return new Setting(variable, description, "true or false", Set.of("true", "false")::contains);
    }

    private static Setting number(String variable, String description, long min, long max) {
        return new Setting(
                variable,
                description,
                "a whole number from " + min + " to " + max,
                value -> value.matches("-?\\d{1,18}") && Long.parseLong(value) >= min && Long.parseLong(value) <= max);
    }

    private static Setting size(String variable, String description, int min, int max) {
        return new Setting(
                variable,
                description,
                "a size such as 10KiB, from " + min + " to " + max + " bytes",
                value -> SIZE.matcher(value).matches() && Settings.bytes(value) >= min && Settings.bytes(value) <= max);
    }

    private static Setting duration(String variable, String description, long min, long max) {
        return new Setting(
                variable,
                description,
                "a duration such as 500ms or 2s, from " + min + "ms to " + max + "ms",
                value -> value.matches("\\d{1,9}(ms|s|m)")
                        && Durations.millis(value) >= min
                        && Durations.millis(value) <= max);
    }

    /** The property of {@code application.properties} that reads it: {@code http.port} for {@code HTTP_PORT}. */
    public String property() {
        return variable.toLowerCase(Locale.ROOT).replace('_', '.');
    }

    /** Whether its value must not be printed. */
    boolean isSecret() {
        return variable.endsWith("_PASSWORD")
                || variable.equals("KAFKA_SASL_JAAS_CONFIG")
                || variable.equals("AUTH_TOKENS");
    }

    private static boolean isAddress(String text) {
        Matcher address = ADDRESS.matcher(text);
        return address.matches() && Integer.parseInt(address.group("port")) <= 65_535;
    }

    private static boolean isNetwork(String text) {
        try {
            Network.of(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isJaas(String line) {
        try {
            if (!line.isEmpty()) {
                JaasContext.loadClientContext(Map.of(SaslConfigs.SASL_JAAS_CONFIG, new Password(line)));
            }
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static Setting retention(String variable, String description) {
        return new Setting(
                variable,
                description,
                "a duration such as 12h or 7d, from 1h to 3650d",
                value -> value.matches("\\d{1,6}[mhd]")
                        && Durations.millis(value) >= HOUR_MILLIS
                        && Durations.millis(value) <= 3650 * 24 * HOUR_MILLIS);
    }

    /**
     * Camel 4.18 searches the whole URI for the name of a dynamic topic, so a substring of {@code kafka} cannot be a topic.
     */
    private static boolean areEventsTopics(String value) {
        return Stream.of(value.split(","))
                .map(String::strip)
                .allMatch(name -> name.isEmpty() || !"kafka".contains(name));
    }

    private static boolean areDelays(String value) {
        if (!THREE_DURATIONS.matcher(value.strip()).matches()) {
            return false;
        }
        for (String delay : value.split(",")) {
            if (Durations.millis(delay) >= 240_000) {
                return false;
            }
        }
        return true;
    }
}
