package dev.caravan.platform.settings;

import dev.caravan.platform.security.CredentialFinder;
import dev.caravan.platform.security.Tokens;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/** The validated settings, and the properties derived from them. */
public final class Settings {

    /** Invalid settings; each line of the message names one and says how to fix it. */
    public static final class InvalidSettingsException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public InvalidSettingsException(List<String> lines) {
            super(String.join(System.lineSeparator(), lines), null, false, false);
        }
    }

    private static final Pattern DEFAULT = Pattern.compile("\\{\\{env:[A-Z_]+:(.*)}}");

    private static final String SAMPLE = Tokens.SAMPLE + "=1:operator+system";
    private static final long MAX_IN_PLACE_MILLIS = 30_000;
    private static final long BUFFER_BYTES = 32 << 20;
    private static final long HEADERS_BYTES = 64 * 1024;

    private final CamelContext context;

    /** @throws InvalidSettingsException if a setting or a combination of settings is invalid */
    public Settings(CamelContext context) {
        this.context = context;
        List<String> problems = new ArrayList<>();
        for (Setting setting : Setting.ALL) {
            String value = get(setting.property());
            if (!setting.valid().test(value)) {
                problems.add(setting.variable() + " must be " + setting.expected()
                        + (setting.isSecret() ? "" : ", not \"" + Secrets.masked(value) + "\""));
            }
        }
        if (problems.isEmpty()) {
            checkCombinations(problems);
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
    }

    private void checkCombinations(List<String> problems) {
        if (is("kafka.producer.idempotent") && !"all".equals(get("kafka.producer.acks"))) {
            problems.add(
                    "KAFKA_PRODUCER_ACKS=" + get("kafka.producer.acks")
                            + " conflicts with KAFKA_PRODUCER_IDEMPOTENT=true: set KAFKA_PRODUCER_ACKS=all or KAFKA_PRODUCER_IDEMPOTENT=false");
        }
        if (is("kafka.producer.idempotent") && "0".equals(get("kafka.producer.retries"))) {
            problems.add(
                    "KAFKA_PRODUCER_RETRIES=0 conflicts with KAFKA_PRODUCER_IDEMPOTENT=true: set it to 1 or more, or"
                            + " KAFKA_PRODUCER_IDEMPOTENT=false");
        }
        if (!"all".equals(role()) && (embedsBroker() || embedsDatabase())) {
            problems.add(
                    "ROLE=" + role() + " shares its broker and its database with other processes: set KAFKA_BROKERS and"
                            + " DATABASE_URL");
        }
        if (inPlaceMillis() > MAX_IN_PLACE_MILLIS) {
            problems.add("RETRY_ATTEMPTS, RETRY_BACKOFF and RETRY_BACKOFF_MAX add up to " + inPlaceMillis() / 1000
                    + " s of waiting in place; the maximum is " + MAX_IN_PLACE_MILLIS / 1000
                    + " s, use the retry topics for longer delays");
        }
        if ("sql".equals(get("dedupe.store"))
                && duration("retain.message.ids").compareTo(duration("kafka.topic.retention")) <= 0) {
            problems.add(
                    "RETAIN_MESSAGE_IDS=" + get("retain.message.ids") + " must be longer than KAFKA_TOPIC_RETENTION="
                            + get("kafka.topic.retention")
                            + ": after an offset reset, records whose MessageID is deleted would take effect again");
        }
        CredentialFinder credentialFinder = credentials(problems);
        if (get("http.tls.certificate").isBlank() != get("http.tls.key").isBlank()) {
            problems.add("HTTP_TLS_CERTIFICATE and HTTP_TLS_KEY require each other: set both or neither");
        }
        checkFiles(problems);
        if (new DatabaseUrl(get("database.url")).hasUserInfo()) {
            problems.add(
                    "DATABASE_URL=" + Secrets.masked(get("database.url"))
                            + " must not contain a user or a password before the host: set DATABASE_USER and DATABASE_PASSWORD");
        }
        if (integer("http.port") != 0 && integer("http.port") == integer("management.port")) {
            problems.add(
                    "HTTP_PORT and MANAGEMENT_PORT are both " + get("http.port") + ": set one of them to another port");
        }
        if (!isLoopback(get("http.host"))) {
            checkOpenHost(problems, credentialFinder);
        }
        if (is("jolokia.enabled") && !is("auth.enabled") && !isLoopback(get("management.host"))) {
            problems.add(
                    "MANAGEMENT_HOST=" + get("management.host") + " would let any client stop routes over Jolokia: set"
                            + " AUTH_ENABLED=true, or JOLOKIA_ENABLED=false for health and metrics alone");
        }
        if (integer("kafka.consumer.fetch.min.bytes") > integer("kafka.consumer.fetch.max.bytes")) {
            problems.add("KAFKA_CONSUMER_FETCH_MIN_BYTES must not exceed KAFKA_CONSUMER_FETCH_MAX_BYTES");
        }
        if ("production".equals(get("profile"))) {
            problems.addAll(ProductionCheck.problems(this, credentialFinder));
        }
    }

    private void checkFiles(List<String> problems) {
        List.of(
                        new KeyFile("http.tls.certificate", KeyFile::certificates),
                        new KeyFile("http.tls.key", KeyFile::privateKey),
                        new KeyFile(
                                "kafka.ssl.truststore.location",
                                bytes -> KeyFile.store(
                                        bytes, get("kafka.ssl.truststore.type"), get("kafka.ssl.truststore.password"))),
                        new KeyFile(
                                "kafka.ssl.keystore.location",
                                bytes -> KeyFile.store(bytes, "JKS", get("kafka.ssl.keystore.password"))))
                .forEach(file -> file.problem(get(file.property())).ifPresent(problems::add));
        if (!get("hawtio.dir").isBlank() && !Files.isReadable(Path.of(get("hawtio.dir"), "index.html"))) {
            problems.add("HAWTIO_DIR=" + get("hawtio.dir") + ": there is no index.html in it that can be read");
        }
    }

    /** An error line for each misspelt environment variable. */
    public static List<String> misspelt() {
        return MisspeltSettings.problems(System.getenv().keySet());
    }

    private void checkOpenHost(List<String> problems, CredentialFinder credentialFinder) {
        String host = "HTTP_HOST=" + get("http.host");
        if (!is("auth.enabled") && !is("allow.unauthenticated")) {
            problems.add(
                    host + " lets others call without a token: set AUTH_ENABLED=true, or ALLOW_UNAUTHENTICATED=true"
                            + " to permit it");
        }
        if (credentialFinder != null && credentialFinder.acceptsSample()) {
            problems.add(host + " would accept the sample token " + Tokens.SAMPLE + " from others: set AUTH_TOKENS or"
                    + " AUTH_TOKENS_FILE to your own tokens");
        }
    }

    private CredentialFinder credentials(List<String> problems) {
        try {
            if (is("auth.enabled")) {
                return new CredentialFinder(property -> property.equals("auth.tokens") ? tokens() : get(property));
            }
            CredentialFinder.named("AUTH_TOKENS", () -> Tokens.of(tokens()));
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage());
        }
        return null;
    }

    /** The sample token is valid only if no other credentials are set. */
    private String tokens() {
        boolean others = !(get("auth.tokens.file") + get("auth.jwt.keys") + get("auth.jwt.secret.file")).isBlank();
        return others && get("auth.tokens").equals(SAMPLE) ? "" : get("auth.tokens");
    }

    /** Sum of the pauses between the in-place attempts at one record. */
    private long inPlaceMillis() {
        long wait = 0;
        long next = Durations.millis(get("retry.backoff"));
        for (int attempt = 1; attempt < integer("retry.attempts"); attempt++) {
            wait += Math.min(next, Durations.millis(get("retry.backoff.max")));
            next *= 2;
        }
        return wait;
    }

    /** Number of records that can be processed within this time even if each of them fails all its attempts. */
    private String pollRecords(long millis, long max) {
        return Long.toString(Math.max(1, Math.min(max, millis / Math.max(1, inPlaceMillis()))));
    }

    /** Camel options and properties that are derived from the settings. */
    public Properties derived() {
        Properties derived = new Properties();
        derived.setProperty("role.api", Boolean.toString(!"worker".equals(role())));
        derived.setProperty("camel.management.jolokia-enabled", get("jolokia.enabled"));
        derived.setProperty("role.worker", Boolean.toString(!"api".equals(role())));
        if ("worker".equals(role()) && System.getenv("HTTP_PORT") == null) {
            derived.setProperty("http.port", "8081");
        }
        if (get("instance.id").isBlank()) {
            derived.setProperty("instance.id", host() + ":" + get("http.port"));
        }
        derived.setProperty("auth.tokens", tokens());
        long body = bytes(get("http.max.body"));
        derived.setProperty("http.max.body.bytes", Long.toString(body));
        // A record is a body plus headers. Retry and dead-letter topics must accept it with the failure headers.
        derived.setProperty("kafka.topic.max.bytes", Long.toString(body + HEADERS_BYTES));
        derived.setProperty("kafka.ladder.max.bytes", Long.toString(body + 2 * HEADERS_BYTES));
        derived.setProperty(
                "publish.buffer.bytes",
                Long.toString(Math.min(Integer.MAX_VALUE, Math.max(BUFFER_BYTES, 4 * (body + 2 * HEADERS_BYTES)))));
        // The producer waits for memory and metadata, then for the brokers. The rest of the timeout is for the answer.
        long timeout = Durations.millis(get("publish.timeout"));
        derived.setProperty("publish.block.ms", Long.toString(timeout / 5));
        derived.setProperty("publish.delivery.ms", Long.toString(timeout * 11 / 20));
        derived.setProperty(
                "kafka.consumer.fetch.wait.ms", Long.toString(Durations.millis(get("kafka.consumer.fetch.max.wait"))));
        derived.setProperty(
                "kafka.consumer.record.timeout.ms",
                Long.toString(Durations.millis(get("kafka.consumer.record.timeout"))));
        // max.poll.interval.ms is 5 minutes, of which retry topics wait up to 4 for the first record of a poll.
        derived.setProperty("kafka.consumer.poll.records", pollRecords(240_000, 500));
        derived.setProperty("retry.poll.records", pollRecords(50_000, 50));
        DatabaseUrl url = new DatabaseUrl(get("database.url"));
        url.password().ifPresent(password -> {
            derived.setProperty("database.password", password);
            derived.setProperty("database.url", url.withoutPassword());
        });
        if (embedsDatabase() || get("database.url").startsWith("jdbc:h2:")) {
            // Only this process uses the database, so no wake-ups are sent.
            derived.setProperty("sse.wakeups", "");
        }
        if (embedsDatabase()) {
            // Without WRITE_DELAY=0 H2 loses committed transactions when the process is killed. Without "async" an
            // interrupt of a writing thread closes the database file.
            derived.setProperty(
                    "database.url",
                    "jdbc:h2:async:" + dataDir().resolve("caravan")
                            + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;WRITE_DELAY=0;CACHE_SIZE=65536"
                            + ";DB_CLOSE_ON_EXIT=FALSE");
        }
        return derived;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    public boolean embedsBroker() {
        return System.getenv("KAFKA_BROKERS") == null && "127.0.0.1:9092".equals(get("kafka.brokers"));
    }

    public boolean embedsDatabase() {
        return get("database.url").isEmpty();
    }

    /** Whether this address is reachable only from this machine. */
    public static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    public String role() {
        return get("role");
    }

    public Path dataDir() {
        return Path.of(get("data.dir")).toAbsolutePath().normalize();
    }

    public int integer(String property) {
        return Integer.parseInt(get(property));
    }

    public boolean is(String property) {
        return Boolean.parseBoolean(get(property));
    }

    public String get(String property) {
        return context.getPropertiesComponent().resolveProperty(property).orElse("");
    }

    public Duration duration(String property) {
        return Duration.ofMillis(Durations.millis(get(property)));
    }

    public long size(String property) {
        return bytes(get(property));
    }

    public List<String> items(String property) {
        return list(get(property));
    }

    /** The items of a comma-separated list. */
    static List<String> list(String value) {
        return Arrays.stream(value.split(","))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    static long bytes(String size) {
        String number = size.replaceAll("[^0-9]", "");
        long unit =
                size.endsWith("KiB") ? 1L << 10 : size.endsWith("MiB") ? 1L << 20 : size.endsWith("GiB") ? 1L << 30 : 1;
        return Long.parseLong(number) * unit;
    }

    /** The settings part of {@code --help}, with defaults. */
    public static String help() {
        Properties properties = new Properties();
        try (InputStream in = Settings.class.getResourceAsStream("/application.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        StringBuilder help = new StringBuilder();
        for (Setting setting : Setting.ALL) {
            Matcher matcher = DEFAULT.matcher(properties.getProperty(setting.property(), ""));
            String value = matcher.matches() ? matcher.group(1) : "";
            help.append(String.format(
                    "  %-32s %s%s%n",
                    setting.variable(), setting.description(), value.isEmpty() ? "" : " [" + value + "]"));
        }
        return help.toString();
    }
}
