package dev.caravan.platform.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.caravan.platform.settings.Settings;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.LeakDetector;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every secret of the program contains one word. Checks all logs and answers for it while valid and invalid tokens are sent. */
class SecretsIT {

    private static final String WORD = "planted7f3a";
    private static final String TOKEN = WORD + "-token";
    private static final String FILED = WORD + "-filed-token";
    private static final String OPERATOR = WORD + "-operator-token";
    private static final String SHARED = WORD + "-secret-that-is-shared-with-the-issuer";
    private static final String ORDER =
            "{\"id\":\"secrets\",\"user_id\":\"7\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}";

    @TempDir
    static Path folder;

    private static LeakDetector log;
    private static Program program;
    private static String jwt;

    @BeforeAll
    static void start() throws Exception {
        Files.writeString(folder.resolve("tokens"), FILED + "=3\n");
        Files.writeString(folder.resolve("shared"), SHARED);
        jwt = jwt(SHARED);
        log = new LeakDetector(WORD);
        program = Program.start(Map.ofEntries(
                Map.entry("auth.enabled", "true"),
                Map.entry("auth.tokens", TOKEN + "=1, " + OPERATOR + "=9:operator"),
                Map.entry("auth.tokens.file", folder.resolve("tokens").toString()),
                Map.entry("auth.jwt.issuer", "https://issuer.example"),
                Map.entry("auth.jwt.audience", "caravan"),
                Map.entry("auth.jwt.secret.file", folder.resolve("shared").toString()),
                Map.entry("database.password", WORD + "-database"),
                Map.entry(
                        "kafka.sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\""
                                + WORD + "\";"),
                Map.entry("kafka.ssl.truststore.password", WORD + "-truststore"),
                Map.entry("kafka.ssl.keystore.password", WORD + "-keystore")));
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
        log.close();
    }

    private static String jwt(String secret) throws Exception {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader(JWSAlgorithm.HS256),
                new JWTClaimsSet.Builder()
                        .issuer("https://issuer.example")
                        .audience("caravan")
                        .subject("2")
                        .expirationTime(Date.from(Instant.now().plusSeconds(300)))
                        .build());
        jwt.sign(new MACSigner(secret.getBytes(UTF_8)));
        return jwt.serialize();
    }

    @Test
    void neitherLogsNorAnswersRevealSecrets() throws Exception {
        String wrong = jwt(SHARED + "-of-somebody-else");
        String basic = Base64.getEncoder().encodeToString((":" + OPERATOR).getBytes(UTF_8));
        String[] secrets = {WORD, signature(jwt), signature(wrong), basic};
        log.listenFor(secrets);
        List<Answer> answers = new ArrayList<>();
        Http http = program.http();
        for (String authorization : new String[] {
            TOKEN, "Bearer " + FILED, OPERATOR, jwt, wrong, TOKEN + "x", "Bearer " + TOKEN + "x", "Basic " + basic, "x"
        }) {
            Map<String, String> headers = Map.of("Authorization", authorization, "Content-Type", "application/json");
            answers.add(http.send("POST", "/order", ORDER, headers));
            answers.add(http.send("POST", "/order", "no order", headers));
            answers.add(http.send("PUT", "/order", ORDER, headers));
            answers.add(http.send("GET", "/order/none", null, headers));
            answers.add(http.send("GET", "/notifications/1", null, headers));
            answers.add(http.send("GET", "/no/such/path", null, headers));
            answers.add(http.send("GET", "/api/v1/routes", null, headers));
            for (String path : new String[] {"/observe/health", "/observe/metrics", "/jolokia/list", "/hawtio/"}) {
                answers.add(program.management().send("GET", path, null, headers));
            }
        }
        answers.add(http.get("/openapi"));

        assertThat(answers).extracting(Answer::status).contains(200, 202, 400, 401, 403, 404, 405);
        assertThat(answers).allSatisfy(answer -> assertThat(answer.body() + answer.headers())
                .doesNotContain(secrets));
        assertThat(Settings.help()).doesNotContain(WORD);
        assertThat(Files.readString(Path.of("src/main/bin/caravan"))).doesNotContain("TOKEN", "PASSWORD", "SASL");
        assertThat(shownByJmx(secrets)).isEmpty();
        assertThat(log.levels()).contains(Level.TRACE, Level.DEBUG, Level.INFO, Level.WARN);
        assertThat(log.leaks()).isEmpty();
    }

    private static String signature(String jwt) {
        return jwt.substring(jwt.lastIndexOf('.') + 1);
    }

    /** Every readable attribute of every MBean, including those that Jolokia denies. */
    private static Set<String> shownByJmx(String[] secrets) throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        Set<String> leaks = new TreeSet<>();
        int read = 0;
        for (ObjectName name : server.queryNames(null, null)) {
            for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
                String value;
                try {
                    Object given = server.getAttribute(name, attribute.getName());
                    value = given instanceof Object[] array ? Arrays.deepToString(array) : String.valueOf(given);
                } catch (Exception e) {
                    // Some attributes claim to be readable and are not.
                    continue;
                }
                read++;
                if (Stream.of(secrets).anyMatch(value::contains)) {
                    leaks.add(name + " " + attribute.getName());
                }
            }
        }
        assertThat(read).isGreaterThan(500);
        return leaks;
    }
}
