package dev.caravan.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.Http.Answer;
import dev.caravan.support.Running.Program;
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
                "auth.tokens", "valid-token=1, tito=2:user, machine=9:system+operator"));
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
