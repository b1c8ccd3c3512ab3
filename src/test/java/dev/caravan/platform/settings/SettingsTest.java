package dev.caravan.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.platform.security.Tokens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsTest {

    private static final Map<String, String> SHARED =
            Map.of("kafka.brokers", "kafka:9092", "database.url", "jdbc:postgresql://db/caravan");

    @Test
    void acceptsTheDefaults() {
        assertThatCode(() -> settings(Map.of())).doesNotThrowAnyException();
    }

    static Stream<Arguments> conflicts() {
        return Stream.of(
                Arguments.of(
                        Map.of("kafka.producer.acks", "1"),
                        List.of("KAFKA_PRODUCER_ACKS=1", "KAFKA_PRODUCER_ACKS=all", "KAFKA_PRODUCER_IDEMPOTENT=false")),
                Arguments.of(
                        Map.of("kafka.producer.acks", "0"),
                        List.of("KAFKA_PRODUCER_ACKS=0", "KAFKA_PRODUCER_IDEMPOTENT=false")),
                Arguments.of(
                        Map.of("kafka.producer.retries", "0"),
                        List.of("KAFKA_PRODUCER_RETRIES=0", "KAFKA_PRODUCER_IDEMPOTENT=false")),
                Arguments.of(
                        Map.of("management.host", "0.0.0.0"),
                        List.of("MANAGEMENT_HOST=0.0.0.0", "AUTH_ENABLED=true", "JOLOKIA_ENABLED=false")),
                Arguments.of(
                        Map.of("http.host", "0.0.0.0"),
                        List.of("HTTP_HOST=0.0.0.0", "AUTH_ENABLED=true", "ALLOW_UNAUTHENTICATED=true")),
                Arguments.of(
                        Map.of("http.host", "0.0.0.0", "auth.enabled", "true"),
                        List.of("HTTP_HOST=0.0.0.0", "sample token valid-token", "AUTH_TOKENS")),
                Arguments.of(
                        Map.of(
                                "http.host",
                                "192.0.2.1",
                                "auth.enabled",
                                "true",
                                "allow.unauthenticated",
                                "true",
                                "auth.tokens",
                                "own=1," + Tokens.hashed("valid-token") + "=2"),
                        List.of("HTTP_HOST=192.0.2.1", "sample token valid-token", "AUTH_TOKENS")),
                Arguments.of(Map.of("auth.public", "openapi"), List.of("AUTH_PUBLIC must be a list of paths")),
                Arguments.of(Map.of("auth.public", "/a*"), List.of("AUTH_PUBLIC must be a list of paths")),
                Arguments.of(Map.of("auth.public", "/*/b"), List.of("AUTH_PUBLIC must be a list of paths")),
                Arguments.of(Map.of("http.hosts", "a b"), List.of("HTTP_HOSTS must be * or a list of host names")),
                Arguments.of(Map.of("role", "api"), List.of("ROLE=api", "KAFKA_BROKERS", "DATABASE_URL")),
                Arguments.of(Map.of("role", "worker"), List.of("ROLE=worker", "KAFKA_BROKERS", "DATABASE_URL")),
                Arguments.of(Map.of("role", "api", "kafka.brokers", "kafka:9092"), List.of("ROLE=api", "DATABASE_URL")),
                Arguments.of(
                        Map.of("role", "worker", "database.url", "jdbc:postgresql://db/c"),
                        List.of("ROLE=worker", "KAFKA_BROKERS")),
                Arguments.of(
                        Map.of("kafka.consumer.fetch.min.bytes", "11", "kafka.consumer.fetch.max.bytes", "10"),
                        List.of("KAFKA_CONSUMER_FETCH_MIN_BYTES", "KAFKA_CONSUMER_FETCH_MAX_BYTES")),
                Arguments.of(
                        Map.of("http.port", "eighty"),
                        List.of("HTTP_PORT", "a whole number from 0 to 65535", "\"eighty\"")),
                Arguments.of(Map.of("http.port", "70000"), List.of("HTTP_PORT", "\"70000\"")),
                Arguments.of(
                        Map.of("kafka.producer.acks", "2"),
                        List.of("KAFKA_PRODUCER_ACKS must be one of 0, 1, all, not \"2\"")),
                Arguments.of(
                        Map.of("database.url", "postgres://localhost/x"),
                        List.of("DATABASE_URL must be a URL that begins with jdbc:postgresql: or jdbc:h2:, not")),
                Arguments.of(
                        Map.of("kafka.brokers", "localhost"),
                        List.of("KAFKA_BROKERS must be a list of host:port", "\"localhost\"")),
                Arguments.of(Map.of("hawtio.dir", "/nope"), List.of("HAWTIO_DIR=/nope", "index.html")),
                Arguments.of(
                        Map.of("kafka.ssl.truststore.location", "/nope"),
                        List.of("KAFKA_SSL_TRUSTSTORE_LOCATION", "/nope")),
                Arguments.of(
                        Map.of("http.port", "8080", "management.port", "8080"),
                        List.of("HTTP_PORT and MANAGEMENT_PORT are both 8080")),
                Arguments.of(
                        Map.of("retain.message.ids", "24h", "kafka.topic.retention", "1d"),
                        List.of("RETAIN_MESSAGE_IDS=24h", "KAFKA_TOPIC_RETENTION=1d")),
                Arguments.of(Map.of("retry.delays", "1s,2s"), List.of("RETRY_DELAYS", "three durations")),
                Arguments.of(
                        Map.of("publish.timeout", "2"), List.of("PUBLISH_TIMEOUT", "a duration such as 500ms or 2s")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conflicts")
    void reportsAProblemInOneLineWithItsFix(Map<String, String> given, List<String> words) {
        List<String> problems = problems(given);

        assertThat(problems).singleElement().asString().contains(words);
    }

    @Test
    void reportsAllInvalidValues() {
        List<String> problems =
                problems(Map.of("http.port", "x", "retry.attempts", "0", "role", "boss", "kafka.producer.acks", "1"));

        assertThat(problems.stream().map(line -> line.split(" ")[0]))
                .containsExactly("ROLE", "HTTP_PORT", "RETRY_ATTEMPTS");
    }

    @Test
    void reportsAllConflicts() {
        List<String> problems = problems(Map.of("role", "api", "kafka.producer.acks", "1"));

        assertThat(problems).hasSize(2);
    }

    static Stream<Arguments> invalidCredentials() {
        return Stream.of(
                Arguments.of(Map.of("auth.tokens", ""), List.of("AUTH_TOKENS", "AUTH_TOKENS_FILE", "AUTH_JWT_KEYS")),
                Arguments.of(Map.of("auth.tokens", "a=1,hunter2"), List.of("AUTH_TOKENS: entry 2")),
                Arguments.of(Map.of("auth.tokens.file", "/no/such/file"), List.of("AUTH_TOKENS_FILE", "no such file")),
                Arguments.of(
                        Map.of("auth.tokens.file", "/dev/null"), List.of("AUTH_TOKENS_FILE: /dev/null holds no token")),
                Arguments.of(Map.of("auth.tokens.file", "/tmp"), List.of("AUTH_TOKENS_FILE", "/tmp cannot be read")),
                Arguments.of(
                        Map.of("auth.jwt.keys", "https://i/keys", "auth.jwt.issuer", "i"),
                        List.of("AUTH_JWT_AUDIENCE", "AUTH_JWT_KEYS")),
                Arguments.of(
                        Map.of("auth.jwt.keys", "https://i/keys", "auth.jwt.audience", "a"),
                        List.of("AUTH_JWT_ISSUER", "AUTH_JWT_KEYS")),
                Arguments.of(
                        Map.of(
                                "auth.jwt.keys",
                                "https://i/keys",
                                "auth.jwt.secret.file",
                                "s",
                                "auth.jwt.issuer",
                                "i",
                                "auth.jwt.audience",
                                "a"),
                        List.of("AUTH_JWT_KEYS and AUTH_JWT_SECRET_FILE")),
                Arguments.of(
                        Map.of("auth.jwt.keys", "/no/such/file", "auth.jwt.issuer", "i", "auth.jwt.audience", "a"),
                        List.of("AUTH_JWT_KEYS", "no such file")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalidCredentials")
    void reportsInvalidCredentialsWithoutSecrets(Map<String, String> given, List<String> words) {
        Map<String, String> all = new HashMap<>(given);
        all.put("auth.enabled", "true");
        List<String> problems = problems(all);

        assertThat(problems).singleElement().asString().contains(words).doesNotContain("hunter2");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "http.tls.certificate, '', there is no certificate in it",
        "http.tls.certificate, -----BEGIN CERTIFICATE-----~TUlJ, it is no PEM certificate",
        "http.tls.key, '', there is no PEM private key in it",
        "http.tls.key, -----BEGIN PRIVATE KEY-----~TUlJ, there is no PEM private key in it",
        "kafka.ssl.truststore.location, '', it is empty",
        "kafka.ssl.truststore.location, no keystore, it is broken",
        "kafka.ssl.keystore.location, no keystore, it is broken",
    })
    void reportsABrokenKeyFile(String property, String text, String words, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), text.replace('~', '\n'));
        Map<String, String> given = new HashMap<>(Map.of(property, file.toString()));
        if (property.startsWith("http")) {
            given.put("http.tls.certificate", file.toString());
            given.put("http.tls.key", file.toString());
        }
        List<String> problems = problems(given);

        assertThat(problems).anySatisfy(line -> assertThat(line)
                .startsWith(property.toUpperCase(Locale.ROOT).replace('.', '_') + "=" + file + ": ")
                .contains(words));
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "database.url | postgres://bob:hunter2@localhost/db",
                "database.url | jdbc:postgresql://bob:hunter2@localhost/db",
                "database.url | jdbc:postgresql://bob:p@hunter2@localhost/db",
                "database.url | mysql://localhost/db?user=bob&password=hunter2",
                "kafka.sasl.jaas.config | user:hunter2",
                "kafka.sasl.jaas.config | PlainLoginModule username=\"u\" password=\"hunter2\";",
                "auth.tokens | hunter2",
            })
    void reportsAnInvalidValueWithoutItsPassword(String property, String value) {
        List<String> problems = problems(Map.of(property, value));

        assertThat(problems)
                .singleElement()
                .asString()
                .contains(property.replace('.', '_').toUpperCase(Locale.ROOT))
                .doesNotContain("hunter2");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "jdbc:postgresql://db/c?user=u&password=p%40ss&ssl=true, jdbc:postgresql://db/c?user=u&ssl=true, p@ss",
        "jdbc:postgresql://db/c?password=p&ssl=true, jdbc:postgresql://db/c?ssl=true, p",
        "jdbc:postgresql://db/c?password=p, jdbc:postgresql://db/c, p",
        "jdbc:h2:mem:x;MODE=PostgreSQL;PASSWORD=p%4;A=B, jdbc:h2:mem:x;MODE=PostgreSQL;A=B, p%4",
    })
    void movesThePasswordOutOfTheDatabaseUrl(String given, String url, String password) {
        assertThat(settings(Map.of("database.url", given)).derived())
                .containsEntry("database.url", url)
                .containsEntry("database.password", password);
    }

    @Test
    void theSampleTokenIsValidOnlyWithoutOtherCredentials() {
        Map<String, String> issuer =
                Map.of("auth.jwt.keys", "https://i/k", "auth.jwt.issuer", "i", "auth.jwt.audience", "a");

        assertThat(settings(Map.of()).derived()).containsEntry("auth.tokens", "valid-token=1:operator+system");
        assertThat(settings(issuer).derived()).containsEntry("auth.tokens", "");
        assertThat(settings(Map.of("auth.tokens", "own=1", "auth.tokens.file", "f"))
                        .derived())
                .containsEntry("auth.tokens", "own=1");
    }

    private static final Map<String, String> PRODUCTION = Map.of(
            "profile", "production",
            "auth.enabled", "true",
            "auth.tokens", "own=1:operator",
            "kafka.brokers", "kafka:9092",
            "database.url", "jdbc:postgresql://db/caravan");

    static Stream<Arguments> rejectedInProduction() {
        return Stream.of(
                Arguments.of("auth.enabled", "false", "AUTH_ENABLED=true", ""),
                Arguments.of("auth.tokens", "valid-token=1:operator+system", "AUTH_TOKENS", ""),
                Arguments.of("auth.tokens", "own=1,valid-token=2", "AUTH_TOKENS", ""),
                Arguments.of("auth.tokens", Tokens.hashed("valid-token") + "=1", "AUTH_TOKENS", ""),
                Arguments.of("auth.tokens", "", "AUTH_ENABLED=true needs credentials: set AUTH_TOKENS", ""),
                Arguments.of("kafka.brokers", "127.0.0.1:9092", "KAFKA_BROKERS", "embedded-broker"),
                Arguments.of("database.url", "", "DATABASE_URL", "embedded-database"),
                Arguments.of("database.url", "jdbc:h2:mem:x", "DATABASE_URL", "embedded-database"),
                Arguments.of("management.host", "0.0.0.0", "MANAGEMENT_HOST", "open-management"));
    }

    @ParameterizedTest(name = "{0}={1}")
    @MethodSource("rejectedInProduction")
    void productionRejectsDevelopmentDefaults(String property, String value, String words, String allowed) {
        Map<String, String> given = new HashMap<>(PRODUCTION);
        given.put(property, value);
        List<String> problems = problems(given);

        assertThat(problems).singleElement().asString().contains(words, allowed);
        if (!allowed.isEmpty()) {
            given.put("production.allow", allowed);
            assertThatCode(() -> settings(given)).doesNotThrowAnyException();
        }
    }

    @Test
    void productionAcceptsExplicitSettings() {
        assertThatCode(() -> settings(PRODUCTION)).doesNotThrowAnyException();
    }

    @Test
    void productionRequiresTlsToFetchKeys() {
        Map<String, String> given = new HashMap<>(PRODUCTION);
        given.putAll(Map.of("auth.jwt.issuer", "i", "auth.jwt.audience", "a"));

        given.put("auth.jwt.keys", "http://issuer.example/keys");
        assertThat(problems(given)).singleElement().asString().contains("AUTH_JWT_KEYS", "plain-keys");
        given.put("auth.jwt.keys", "https://issuer.example/keys");
        assertThatCode(() -> settings(given)).doesNotThrowAnyException();
    }

    @Test
    void productionEnablesAuthenticationWithoutTheSampleToken() throws IOException {
        Properties profile = new Properties();
        try (InputStream in = SettingsTest.class.getResourceAsStream("/application-production.properties")) {
            profile.load(in);
        }

        assertThat(profile)
                .containsEntry("auth.enabled", "{{env:AUTH_ENABLED:true}}")
                .containsEntry("auth.tokens", "{{env:AUTH_TOKENS:}}");
    }

    static Stream<Map<String, String>> valid() {
        return Stream.of(
                Map.of("http.host", "::1"),
                Map.of("http.host", "localhost"),
                Map.of("http.host", "0.0.0.0", "allow.unauthenticated", "true"),
                Map.of("http.host", "0.0.0.0", "auth.enabled", "true", "auth.tokens", "own=1"),
                Map.of("auth.public", "/, /openapi, /docs/*, /*"),
                Map.of("http.hosts", "caravan, caravan.example.com"),
                Map.of("http.hosts", "*"),
                Map.of("kafka.producer.acks", "1", "kafka.producer.idempotent", "false"),
                Map.of("kafka.producer.acks", "0", "kafka.producer.idempotent", "false", "kafka.producer.retries", "0"),
                Map.of("kafka.consumer.fetch.min.bytes", "10", "kafka.consumer.fetch.max.bytes", "10"),
                Map.of("role", "api", "kafka.brokers", "k:1", "database.url", "jdbc:postgresql://db/c"),
                Map.of("role", "worker", "kafka.brokers", "k:1", "database.url", "jdbc:postgresql://db/c"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("valid")
    void acceptsValidCombinations(Map<String, String> given) {
        assertThatCode(() -> settings(given)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"all, true, true", "api, true, false", "worker, false, true"})
    void derivesTheRoutesOfARole(String role, String api, String worker) {
        Properties derived = settings(with("role", role)).derived();

        assertThat(derived).containsEntry("role.api", api).containsEntry("role.worker", worker);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "100, 100", "512B, 512", "10KiB, 10240", "1MiB, 1048576", "1GiB, 1073741824"})
    void convertsTheBodyLimitToBytes(String size, String bytes) {
        assertThat(settings(Map.of("http.max.body", size)).derived()).containsEntry("http.max.body.bytes", bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, false, true",
        "127.0.0.2, false, true",
        "::1, false, true",
        "0.0.0.0, true, true",
        "0.0.0.0, false, false"
    })
    void acceptsManagementHosts(String host, String auth, String jolokia) {
        assertThatCode(() ->
                        settings(Map.of("management.host", host, "auth.enabled", auth, "jolokia.enabled", jolokia)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"2s, 400, 1100", "100ms, 20, 55", "10m, 120000, 330000"})
    void producerTimeoutsAddUpToLessThanThePublishTimeout(String timeout, String block, String delivery) {
        Properties derived = settings(Map.of("publish.timeout", timeout)).derived();

        assertThat(derived).containsEntry("publish.block.ms", block).containsEntry("publish.delivery.ms", delivery);
        assertThat(Long.parseLong(block) + Long.parseLong(delivery)).isLessThan(Durations.millis(timeout));
    }

    @ParameterizedTest
    @CsvSource({"100ms, 100", "2s, 2000"})
    void convertsTheFetchWaitToMilliseconds(String wait, String millis) {
        assertThat(settings(Map.of("kafka.consumer.fetch.max.wait", wait)).derived())
                .containsEntry("kafka.consumer.fetch.wait.ms", millis);
    }

    @Test
    void theEmbeddedDatabaseIsDurable() {
        assertThat(settings(Map.of("data.dir", "/tmp/x")).derived().getProperty("database.url"))
                .startsWith("jdbc:h2:async:/tmp/x/caravan;")
                .contains(";WRITE_DELAY=0")
                .contains(";DB_CLOSE_ON_EXIT=FALSE");
        assertThat(settings(SHARED).derived()).doesNotContainKey("database.url");
    }

    @Test
    void helpListsEverySettingWithItsDefault() throws IOException {
        Properties shipped = shipped();
        List<String> lines = Settings.help().lines().toList();

        assertThat(lines).hasSameSizeAs(Setting.ALL).isNotEmpty();
        for (int i = 0; i < lines.size(); i++) {
            Setting setting = Setting.ALL.get(i);
            String prefix = "{{env:" + setting.variable() + ":";
            String value = shipped.getProperty(setting.property());
            assertThat(value)
                    .as("%s in application.properties", setting.property())
                    .startsWith(prefix)
                    .endsWith("}}");
            String standard = value.substring(prefix.length(), value.length() - 2);
            assertThat(lines.get(i))
                    .startsWith("  " + setting.variable() + " ")
                    .contains(setting.description())
                    .endsWith(standard.isEmpty() ? setting.description() : "[" + standard + "]");
        }
    }

    @Test
    void everyVariableInApplicationPropertiesIsASetting() throws IOException {
        assertThat(shipped().values().stream()
                        .flatMap(value -> Pattern.compile("\\{\\{env:([A-Z0-9_]+)")
                                .matcher(value.toString())
                                .results())
                        .map((MatchResult found) -> found.group(1)))
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(
                        Setting.ALL.stream().map(Setting::variable).toList());
    }

    private static Map<String, String> with(String property, String value) {
        return Map.of(
                property,
                value,
                "kafka.brokers",
                SHARED.get("kafka.brokers"),
                "database.url",
                SHARED.get("database.url"));
    }

    private static List<String> problems(Map<String, String> given) {
        return catchThrowableOfType(Settings.InvalidSettingsException.class, () -> settings(given))
                .getMessage()
                .lines()
                .toList();
    }

    private static Settings settings(Map<String, String> given) {
        Properties overrides = new Properties();
        overrides.putAll(given);
        CamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setLocation("classpath:application.properties");
        context.getPropertiesComponent().setOverrideProperties(overrides);
        return new Settings(context);
    }

    private static Properties shipped() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = SettingsTest.class.getResourceAsStream("/application.properties")) {
            properties.load(in);
        }
        return properties;
    }
}
