package dev.caravan.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.Http.Answer;
import dev.caravan.support.Running.Program;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationIT {

    private static final String MESSAGE = "fromID=1&toID=2&message=hello";

    private static Program program;

    @BeforeAll
    static void start() throws Exception {
        program = Program.start(Map.of(
                "auth.enabled", "true",
                "auth.groups", "notifications,inbox,orders",
                "auth.tokens", "valid-token=1, tito=2:user, machine=9:system+operator, planted-token=3",
                "hawtio.dir", "src/test/resources/hawtio",
                "database.password", "planted-password",
                "kafka.sasl.jaas.config", "planted-jaas",
                "kafka.ssl.truststore.password", "planted-truststore"));
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"valid-token", "Bearer valid-token", "bearer valid-token"})
    void takesTheTokenItselfAndTheBearerScheme(String authorization) {
        assertThat(send("/send", MESSAGE, authorization).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wrong", "Bearer wrong", "Basic valid-token", "valid-token valid-token", "valid-tokeN"})
    void refusesEverythingElseWithOneAndTheSameBody(String authorization) {
        Answer refused = send("/send", MESSAGE, authorization);

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().path("message").asText()).isEqualTo("Unauthorized");
        assertThat(refused.body()).isEqualTo(send("/send", MESSAGE, null).body());
    }

    @Test
    void refusesBeforeItLooksAtTheRequest() {
        assertThat(send("/send", "nothing=right", null).status()).isEqualTo(401);
        assertThat(program.http().get("/notifications/99").status()).isEqualTo(401);
    }

    @Test
    void leavesTheGroupsOpenThatAreNotNamed() {
        assertThat(program.http().postForm("/api/v1/comments", "text=open").status())
                .isEqualTo(200);
    }

    @Test
    void anInboxIsItsOwnersAlone() {
        assertThat(get("/notifications/1", "valid-token").status()).isEqualTo(200);
        Answer foreign = get("/notifications/2", "valid-token");
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(get("/notifications/99", "valid-token").body()).isEqualTo(foreign.body());
        assertThat(get("/notifications/2", "machine").status()).isEqualTo(200);
    }

    @Test
    void nobodySendsInAnothersName() {
        assertThat(send("/send", MESSAGE, "tito").status()).isEqualTo(403);
        assertThat(send("/send", MESSAGE, "machine").status()).isEqualTo(200);
    }

    @Test
    void noTokenReachesATopic() {
        Answer sent = send("/send", MESSAGE, "Bearer machine");

        var record = program.records()
                .withMessageId("notifications", sent.header("Message-ID"))
                .get(0);
        assertThat(record.headers()).doesNotContainKey("Authorization").containsKey("MessageID");
        assertThat(record.headers().toString() + record.text()).doesNotContain("machine");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/observe/health/live", "/observe/health/ready", "/observe/health/startup", "/observe/metrics"})
    void theProbesAndTheMetricsAreForEverybody(String path) {
        assertThat(program.management().get(path).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/observe/health", "/jolokia", "/hawtio/", "/hawtio/orders", "/hawtio/user"})
    void theRestOfTheManagementPortIsForOperators(String path) {
        assertThat(program.management().get(path).header("WWW-Authenticate")).startsWith("Basic ");
        assertThat(manage(path, "wrong").status()).isEqualTo(401);
        assertThat(manage(path, "valid-token").status()).isEqualTo(403);
        assertThat(manage(path, "Bearer machine").status()).isEqualTo(200);
        assertThat(manage(path, "Basic " + base64("anybody:machine")).status()).isEqualTo(200);
        assertThat(manage(path, "Basic " + base64("machine:")).status()).isEqualTo(401);
        assertThat(manage(path, "Basic ?").status()).isEqualTo(401);
    }

    @Test
    void jolokiaDoesNothingForOthers() {
        String stop =
                "{\"type\":\"exec\",\"mbean\":\"org.apache.camel:context=caravan,type=routes,name=\\\"orders-find\\\"\",\"operation\":\"stop()\"}";

        assertThat(program.management().postJson("/jolokia", stop).status()).isEqualTo(401);
        assertThat(program.management()
                        .send("POST", "/jolokia", stop, Map.of("Authorization", "valid-token"))
                        .status())
                .isEqualTo(403);
        assertThat(program.caravan()
                        .context()
                        .getRouteController()
                        .getRouteStatus("orders-find")
                        .isStarted())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.camel:*",
                "java.lang:*",
                "java.nio:*",
                "com.zaxxer.hikari:*",
                "kafka.consumer:*",
                "kafka.producer:*",
                "kafka.admin.client:*",
                "kafka.server:type=app-info,*",
                "kafka.server:type=KafkaServer,*"
            })
    void noSecretCanBeReadOverJolokia(String names) {
        Answer all = program.management()
                .send(
                        "POST",
                        "/jolokia?ignoreErrors=true",
                        "{\"type\":\"read\",\"mbean\":\"" + names + "\"}",
                        Map.of("Authorization", "machine"));

        assertThat(all.status()).isEqualTo(200);
        assertThat(all.json().path("status").asInt()).isIn(200, 404);
        assertThat(all.body()).doesNotContain("planted");
    }

    private static Answer manage(String path, String authorization) {
        return program.management()
                .send(
                        "GET",
                        path,
                        null,
                        Map.of("Authorization", authorization, "Accept", "text/html,application/json"));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Answer send(String path, String form, String authorization) {
        Map<String, String> type = Map.of("Content-Type", "application/x-www-form-urlencoded");
        return program.http()
                .send(
                        "POST",
                        path,
                        form,
                        authorization == null
                                ? type
                                : Map.of(
                                        "Content-Type",
                                        "application/x-www-form-urlencoded",
                                        "Authorization",
                                        authorization));
    }

    private static Answer get(String path, String authorization) {
        return program.http().send("GET", path, null, Map.of("Authorization", authorization));
    }
}
