package dev.caravan.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With authentication on, MessageIDs and Idempotency-Keys belong to their callers. */
class MessageOwnersIT {

    private static Program program;

    private final String id = UUID.randomUUID().toString();

    @BeforeAll
    static void start() throws Exception {
        program = Program.start(
                Map.of("auth.enabled", "true", "auth.tokens", "alice=1, bob=2, carol=3, operator=4:operator"));
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
    }

    @Test
    void sameMessageIdOfTwoUsersHasTwoEffects() {
        Answer first = post("alice", "{\"value\":\"a\"}", Map.of("Message-ID", id));
        Answer second = post("bob", "{\"value\":\"b\"}", Map.of("Message-ID", id));

        for (Answer answer : new Answer[] {first, second}) {
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.header("Message-ID")).isEqualTo(id);
            assertThat(answer.header("Location")).isEqualTo("/api/v1/messages/" + id);
            assertThat(answer.json().path("id").asText()).isEqualTo(id);
            assertThat(answer.json().path("location").asText()).isEqualTo("/api/v1/messages/" + id);
        }
        assertThat(program.records().withMessageId("events", id + "@1"))
                .singleElement()
                .satisfies(record -> assertThat(record.text()).isEqualTo("\"a\""));
        assertThat(program.records().withMessageId("events", id + "@2"))
                .singleElement()
                .satisfies(record -> assertThat(record.text()).isEqualTo("\"b\""));
        for (String token : new String[] {"alice", "bob"}) {
            await().untilAsserted(() ->
                    assertThat(find(token, id).json().path("state").asText()).isEqualTo("processed"));
        }
    }

    @Test
    void idempotencyKeysOfUsersAreIndependent() {
        Answer first = post("alice", "{\"value\":\"a\"}", Map.of("Idempotency-Key", id));
        Answer second = post("bob", "{\"value\":\"b\"}", Map.of("Idempotency-Key", id));
        Answer third = post("carol", "{\"value\":\"a\"}", Map.of("Idempotency-Key", id));

        assertThat(first.status()).isEqualTo(202);
        assertThat(second.status()).isEqualTo(202);
        assertThat(third.status()).isEqualTo(202);
        assertThat(third.body()).isNotEqualTo(first.body());
        Answer again = post("alice", "{\"value\":\"a\"}", Map.of("Idempotency-Key", id));
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.header("Message-ID")).isEqualTo(id);
        assertThat(again.header("Location")).isEqualTo(first.header("Location"));
        assertThat(program.records().withMessageId("events", id + "@1")).hasSize(1);
        assertThat(post("bob", "{\"value\":\"c\"}", Map.of("Idempotency-Key", id))
                        .status())
                .isEqualTo(422);
    }

    @Test
    void sendersAndOperatorsFindMessages() {
        String given = post("alice", "{\"key\":\"k\",\"value\":1}", Map.of())
                .json()
                .path("id")
                .asText();
        await().untilAsserted(() ->
                assertThat(find("alice", given).json().path("state").asText()).isEqualTo("processed"));

        assertThat(find("alice", given).json().path("messageId").asText()).isEqualTo(given);
        assertThat(find("bob", given).status()).isEqualTo(404);
        assertThat(find("bob", given + "@1").status()).isEqualTo(404);
        assertThat(find("alice", given + "@1").status()).isEqualTo(404);
        assertThat(find("operator", given).status()).isEqualTo(404);
        assertThat(find("operator", given + "@1").json().path("state").asText()).isEqualTo("processed");
    }

    @Test
    void ordersShowTheirMessageIdToSenderAndOperators() {
        String order =
                "{\"id\":\"%s\",\"user_id\":\"1\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}";
        Map<String, String> headers = Map.of("Content-Type", "application/json", "Authorization", "alice");
        String given = program.http()
                .send("POST", "/order", order.formatted(id), headers)
                .header("Message-ID");

        await().untilAsserted(
                        () -> assertThat(order("alice").header("Message-ID")).isEqualTo(given));
        assertThat(order("operator").header("Message-ID")).isEqualTo(given + "@1");
        assertThat(order("bob").status()).isEqualTo(200);
        assertThat(order("bob").header("Message-ID")).isNull();
    }

    private Answer order(String token) {
        return program.http().send("GET", "/order/" + id, null, Map.of("Authorization", token, "Message-ID", "forged"));
    }

    @Test
    void operatorsFindMessagesOfOtherPrograms() {
        assertThat(post("operator", "{\"value\":1}", Map.of("Message-ID", id)).status())
                .isEqualTo(202);
        program.records().write("events", "k", "1".getBytes(), Map.of("MessageID", id + "-foreign"));

        for (String each : new String[] {id, id + "@4", id + "-foreign"}) {
            await().untilAsserted(() -> assertThat(
                            find("operator", each).json().path("state").asText())
                    .isEqualTo("processed"));
        }
        assertThat(find("alice", id + "-foreign").status()).isEqualTo(404);
    }

    @Test
    void acceptsTheLongestMessageId() {
        String longest = id + "x".repeat(255 - id.length());

        assertThat(post("alice", "{\"value\":1}", Map.of("Idempotency-Key", longest))
                        .header("Message-ID"))
                .isEqualTo(longest);
        await().untilAsserted(() ->
                assertThat(find("alice", longest).json().path("state").asText()).isEqualTo("processed"));
        assertThat(program.records().withMessageId("events", longest + "@1")).hasSize(1);
    }

    @Test
    void arrayAnswersShowIdsWithoutScope() {
        Answer answer =
                post("alice", "[{\"value\":1,\"headers\":{\"MessageID\":\"" + id + "\"}},{\"value\":2}]", Map.of());

        assertThat(answer.header("Message-ID")).isEqualTo(id);
        assertThat(answer.json().at("/0/id").asText()).isEqualTo(id);
        assertThat(answer.json().at("/1/id").asText()).doesNotContain("@");
        assertThat(program.records()
                        .withMessageId("events", answer.json().at("/1/id").asText() + "@1"))
                .hasSize(1);
    }

    private static Answer post(String token, String json, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Content-Type", "application/json");
        all.put("Authorization", token);
        return program.http().send("POST", "/api/v1/events", json, all);
    }

    private static Answer find(String token, String messageId) {
        return program.http().send("GET", "/api/v1/messages/" + messageId, null, Map.of("Authorization", token));
    }
}
