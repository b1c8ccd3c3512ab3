package dev.caravan.capability.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.BulkReplays;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.FlakyProcessor;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.LogCapture;
import dev.caravan.support.Records.Written;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;

@ExtendWith(CaravanExtension.class)
class DeadLettersIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"7\",\"total\":%s,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}";

    private final String id = UUID.randomUUID().toString();
    private Program program;
    private Http http;

    @BeforeEach
    void start(Program running) {
        program = running;
        http = running.http();
    }

    @Test
    void showsPayloadsOfAnyBytes() {
        byte[] poison = {(byte) 0xff, 0, 'x'};
        program.records().write("orders", id, poison, Map.of("MessageID", id, "x-own", "kept"));

        String letter = "/api/v1/dead-letters/" + deadLetter().path("id");
        // Attempts may be written a moment later.
        JsonNode one = await().until(() -> http.get(letter).json(), each -> !each.path("attempts")
                .isEmpty());

        assertThat(one.path("messageId").asText()).isEqualTo(id);
        assertThat(one.path("topic").asText()).isEqualTo("orders");
        assertThat(one.path("state").asText()).isEqualTo("open");
        assertThat(one.at("/payload/text").isNull()).isTrue();
        assertThat(Base64.getDecoder().decode(one.at("/payload/base64").asText()))
                .isEqualTo(poison);
        assertThat(one.at("/headers/x-own").asText()).isEqualTo("kept");
        assertThat(one.path("attempts")).hasSize(1);
        assertThat(one.at("/attempts/0/route").asText()).isEqualTo("orders-process");
        assertThat(one.at("/attempts/0/node").asText()).isEqualTo("to schema:orders?as=fields");
        assertThat(one.at("/attempts/0/next").asText()).isEqualTo("orders-dlq");
    }

    @Test
    void indexesTheLargestPossibleDeadLetter() {
        byte[] large = bytes("\"" + "x".repeat(1_110_000) + "\"");
        program.records().write("orders", id, large, Map.of("MessageID", id));

        JsonNode one =
                http.get("/api/v1/dead-letters/" + deadLetter().path("id")).json();

        assertThat(one.at("/payload/size").asInt()).isEqualTo(large.length);
        assertThat(one.at("/payload/text").asText()).hasSize(large.length);
    }

    @Test
    void filterMatchesAllConditions() {
        program.records().write("orders", id, bytes("no JSON, but " + id), Map.of("MessageID", id));
        String open = "/api/v1/dead-letters?key=" + id;
        deadLetter();

        assertThat(found(open + "&topic=orders&text=but%20" + id.substring(0, 8)
                        + "&reason=not%20json&exception=problem"))
                .hasSize(1);
        for (String other : List.of(
                "topic=comments",
                "text=100%25",
                "text=n_%20JSON",
                "reason=%5C",
                "since=2999-01-01T00:00:00Z",
                "until=2001-01-01T00:00:00Z",
                "state=discarded")) {
            assertThat(found(open + "&" + other)).as(other).isEmpty();
        }
    }

    @Test
    void groupsFailuresOfOneKind() {
        for (int i = 0; i < 3; i++) {
            program.records().write("orders", id, bytes("no JSON " + i), Map.of("MessageID", id + "-" + i));
        }
        await().until(() -> found("/api/v1/dead-letters?key=" + id).size() == 3);
        String kind = deadLetter().path("fingerprint").asText();

        JsonNode group = http.get("/api/v1/dead-letter-groups").json().path("items").findParents("fingerprint").stream()
                .filter(each -> each.path("fingerprint").asText().equals(kind))
                .findFirst()
                .orElseThrow();

        assertThat(group.path("count").asInt()).isGreaterThanOrEqualTo(3);
        assertThat(group.path("lastHour").asInt()).isEqualTo(group.path("count").asInt());
        assertThat(group.path("topic").asText()).isEqualTo("orders");
    }

    @Test
    void replayedMessageTakesEffectOnceAndCannotBeReplayedAgain() {
        program.records().write("flaky", id, bytes(id + " 16"), Map.of("MessageID", id));
        String letter = "/api/v1/dead-letters/" + deadLetter().path("id");

        try (LogCapture logged = new LogCapture()) {
            Answer replayed = http.postJson(letter + "/replay", "");

            assertThat(replayed.status()).as(replayed.body()).isEqualTo(202);
            assertThat(logged.text())
                    .contains("anonymous: replay of dead letter " + letter.replaceFirst(".*/", "") + ", message " + id);
        }
        await().untilAsserted(() -> assertThat(effects()).isEqualTo(1));
        Written first = program.records().withMessageId("flaky", id).get(0);
        assertThat(program.records().withMessageId("flaky", id)).hasSize(1);
        assertThat(program.records().withMessageId("flaky-retry-1", id))
                .hasSize(2)
                .last()
                .satisfies(record -> {
                    assertThat(record.text()).isEqualTo(id + " 16");
                    assertThat(record.key()).isEqualTo(id);
                    assertThat(record.headers())
                            .containsEntry("replay-count", "1")
                            .containsEntry("delayed-retry-count", "0")
                            .containsEntry("dead-letter-topic", "flaky")
                            .containsEntry("dead-letter-partition", Integer.toString(first.partition()))
                            .containsEntry("dead-letter-offset", Long.toString(first.offset()))
                            .containsKey("delayed-retry-original-timestamp")
                            .doesNotContainKeys("dead-letter-reason", "dead-letter-cause");
                });
        assertThat(http.postJson(letter + "/replay", "").status()).isEqualTo(409);
        assertThat(http.get(letter).json().at("/history/0/action").asText()).isEqualTo("replay");
        assertThat(http.get(letter).json().at("/history/0/who").asText()).isEqualTo("anonymous");
        assertThat(Instant.parse(http.get(letter).json().at("/history/0/at").asText()))
                .isAfter(Instant.now().minusSeconds(300));
        await().untilAsserted(() -> assertThat(
                        http.get("/api/v1/messages/" + id).json().path("state").asText())
                .isEqualTo("processed"));
    }

    @Test
    void editMustMatchTheSchemaOfTheTopic() {
        program.records().write("orders", id, bytes("no JSON"), Map.of("MessageID", id));
        String letter = "/api/v1/dead-letters/" + deadLetter().path("id");

        assertThat(http.postJson(letter + "/replay", "{\"value\":{\"id\":7}}").status())
                .isEqualTo(422);
        assertThat(http.postJson(letter + "/replay", "{\"headers\":{\"CamelKafkaOverrideTopic\":\"x\"}}")
                        .status())
                .isEqualTo(422);
        assertThat(http.get(letter).json().path("state").asText()).isEqualTo("open");
        String edit = "{\"value\":" + ORDER.formatted(id, 5) + ",\"headers\":{\"x-by\":\"me\"}}";
        Answer replayed = http.postJson(letter + "/replay", edit);

        assertThat(replayed.status()).as(replayed.body()).isEqualTo(202);
        await().untilAsserted(
                        () -> assertThat(http.get("/order/" + id).status()).isEqualTo(200));
        JsonNode after = http.get(letter).json();
        assertThat(after.at("/payload/text").asText()).isEqualTo("no JSON");
        assertThat(after.at("/history/0/detail").asText()).contains("x-by");
    }

    @Test
    void messageThatFailsAfterEachReplayIsParked() {
        program.records().write("orders", id, bytes("no JSON"), Map.of("MessageID", id));
        for (int replay = 0; replay < 3; replay++) {
            int replays = replay;
            await().until(() -> found("/api/v1/dead-letters?key=" + id).stream()
                    .anyMatch(each -> each.path("replays").asInt() == replays));
            assertThat(http.postJson("/api/v1/dead-letters/" + deadLetter().path("id") + "/replay", "")
                            .status())
                    .isEqualTo(202);
        }
        await().until(() -> found("/api/v1/dead-letters?key=" + id).stream()
                .anyMatch(each -> each.path("replays").asInt() == 3));

        Answer parked = http.postJson("/api/v1/dead-letters/" + deadLetter().path("id") + "/replay", "");

        assertThat(parked.status()).isEqualTo(409);
        assertThat(parked.json().path("type").asText()).endsWith("parked");
    }

    @Test
    void discardedDeadLetterKeepsItsReason() {
        program.records().write("orders", id, bytes("no JSON"), Map.of("MessageID", id));
        String letter = "/api/v1/dead-letters/" + deadLetter().path("id");

        assertThat(http.send("DELETE", letter, null, Map.of()).status()).isEqualTo(400);
        try (LogCapture logged = new LogCapture()) {
            assertThat(http.send("DELETE", letter + "?reason=a%20test", null, Map.of())
                            .status())
                    .isEqualTo(204);
            assertThat(logged.text())
                    .contains("anonymous: discard of dead letter " + letter.replaceFirst(".*/", "") + ", a test");
        }

        assertThat(http.send("DELETE", letter + "?reason=again", null, Map.of()).status())
                .isEqualTo(409);
        JsonNode done = http.get(letter).json().at("/history/0");
        assertThat(done.path("detail").asText()).isEqualTo("a test");
        assertThat(done.path("action").asText()).isEqualTo("discard");
        assertThat(done.path("who").asText()).isEqualTo("anonymous");
        assertThat(http.get("/api/v1/messages/" + id).json().path("state").asText())
                .isEqualTo("discarded");
    }

    @Test
    void dryRunCountsThenBulkReplayReplays() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ids.add(id + "-" + i);
            program.records().write("flaky", id, bytes(ids.get(i) + " 16"), Map.of("MessageID", ids.get(i)));
        }
        await().until(() -> found("/api/v1/dead-letters?key=" + id).size() == 4);
        String filter = "\"topic\":\"flaky\",\"key\":\"" + id + "\"";

        JsonNode would = http.postJson("/api/v1/dead-letters/replay", "{" + filter + ",\"dryRun\":true}")
                .json();
        assertThat(would.path("matching").asInt()).isEqualTo(4);
        assertThat(would.path("alreadyProcessed").asInt()).isZero();
        assertThat(found("/api/v1/dead-letters?key=" + id)).hasSize(4);
        JsonNode three = BulkReplays.run(http, "{" + filter + ",\"limit\":3}");
        JsonNode rest = BulkReplays.run(http, "{" + filter + "}");

        assertThat(three.path("replayed").asInt()).isEqualTo(3);
        assertThat(rest.path("replayed").asInt()).isEqualTo(1);
        await().untilAsserted(() -> assertThat(ids)
                .allSatisfy(each -> assertThat(FlakyProcessor.attempts(each)).isEqualTo(17)));
        assertThat(http.get(rest.path("location").asText())
                        .json()
                        .path("replayed")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void bulkReplayCanBeStopped() {
        for (int i = 0; i < 20; i++) {
            program.records().write("flaky", id, bytes(id + "-" + i + " 16"), Map.of("MessageID", id + "-" + i));
        }
        await().until(() -> found("/api/v1/dead-letters?limit=50&key=" + id).size() == 20);

        String replay;
        try (LogCapture logged = new LogCapture()) {
            Answer running = http.postJson(
                    "/api/v1/dead-letters/replay", "{\"key\":\"" + id + "\",\"ratePerSecond\":1,\"limit\":20}");
            assertThat(running.status()).as(running.body()).isEqualTo(202);
            replay = running.json().path("location").asText();
            await().until(() -> http.get(replay).json().path("replayed").asInt() > 0);
            assertThat(http.send("DELETE", replay, null, Map.of()).status()).isEqualTo(202);

            String number = replay.replaceFirst(".*/", "");
            assertThat(logged.text())
                    .contains("anonymous: bulk replay " + number + " of {\"key\":\"" + id)
                    .contains("anonymous: stop of bulk replay " + number);
            assertThat(
                            http
                                    .get("/api/v1/dead-letter-audit?limit=100")
                                    .json()
                                    .path("items")
                                    .findParents("replay")
                                    .stream()
                                    .filter(each -> each.path("replay").asText().equals(number))
                                    .map(each -> each.path("action").asText()))
                    .contains("replay many", "stop replay");
        }

        await().untilAsserted(() ->
                assertThat(http.get(replay).json().path("state").asText()).isEqualTo("stopped"));
        assertThat(http.get(replay).json().path("replayed").asInt()).isBetween(1, 19);
    }

    @Test
    void bulkReplaySkipsAndReportsInvalidDeadLetters() {
        program.records().write("orders", id, bytes("no JSON"), Map.of("MessageID", id + "-refused"));
        long refused = deadLetter().path("id").asLong();
        program.records().write("flaky", id, bytes(id + " 16"), Map.of("MessageID", id));
        await().until(() -> found("/api/v1/dead-letters?key=" + id).size() == 2);
        String filter = "\"key\":\"" + id + "\"";

        JsonNode would = http.postJson("/api/v1/dead-letters/replay", "{" + filter + ",\"dryRun\":true}")
                .json();
        assertThat(would.path("wouldReplay").asInt()).as(would.toString()).isOne();
        assertThat(would.path("schemaRefuses").asInt()).isOne();
        JsonNode done = BulkReplays.run(http, "{" + filter + "}");

        assertThat(done.path("replayed").asInt()).isOne();
        assertThat(done.path("skipped").asInt()).isOne();
        assertThat(done.at("/skips/0/id").asLong()).isEqualTo(refused);
        assertThat(done.at("/skips/0/reason").asText()).startsWith("The schema refuses it: ");
        assertThat(http.get("/api/v1/dead-letters/" + refused)
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("open");
        await().untilAsserted(() -> assertThat(effects()).isOne());
    }

    @Test
    void queuedBulkReplayRunsOnAnyInstance() throws Exception {
        program.records().write("flaky", id, bytes(id + " 16"), Map.of("MessageID", id));
        long letter = deadLetter().path("id").asLong();
        JdbcTemplate jdbc =
                new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
        var routes = program.caravan().context().getRouteController();
        routes.stopRoute("bulk-replays-resume");
        jdbc.update(
                "INSERT INTO dead_letter_replays (id, who, filter, last_id, wanted, matching, began_at, updated_at)"
                        + " VALUES (?, 'w', ?, ?, 1, 1, TIMESTAMP '2026-01-02 03:04:05', TIMESTAMP '2026-01-02 03:04:05')",
                id,
                "{\"key\":\"" + id + "\"}",
                letter);
        String replay = "/api/v1/dead-letter-replays/" + id;
        assertThat(http.get(replay).json().path("state").asText()).isEqualTo("queued");

        // The timer fires at the start.
        routes.startRoute("bulk-replays-resume");

        await().until(() -> http.get(replay).json().path("state").asText().equals("done"));
        await().untilAsserted(() -> assertThat(effects()).isOne());
    }

    @Test
    void statusShowsRetryThenEffect() {
        program.records().write("flaky", id, bytes(id + " 4"), Map.of("MessageID", id));

        await().untilAsserted(() -> assertThat(
                        http.get("/api/v1/messages/" + id).json().path("state").asText())
                .isEqualTo("processed"));
        // Attempts may be written a moment later.
        JsonNode way = await().until(
                        () -> http.get("/api/v1/messages/" + id).json(),
                        each -> each.path("attempts").size() == 4);

        Written record = program.records().withMessageId("flaky", id).get(0);
        assertThat(way.at("/accepted/topic").asText()).isEqualTo("flaky");
        assertThat(way.at("/accepted/partition").asInt()).isEqualTo(record.partition());
        assertThat(way.at("/accepted/offset").asLong()).isEqualTo(record.offset());
        assertThat(way.at("/attempts/3/next").asText()).isEqualTo("flaky-retry-1");
        assertThat(way.at("/attempts/0/node").asText()).contains("Flaky");
        assertThat(way.at("/processed/by").asText()).isNotEmpty();
    }

    @Test
    void statusShowsThatANotificationWasRead() {
        Answer sent = http.postForm("/send", "fromID=1&toID=2&message=" + id);
        String message = sent.header("Location");
        await().untilAsserted(() ->
                assertThat(http.get(message).json().path("state").asText()).isEqualTo("processed"));
        assertThat(http.get(message).json().at("/read/at").isNull()).isTrue();
        assertThat(http.get(message).json().at("/accepted/by").asText()).isNotEmpty();

        assertThat(http.postJson("/notifications/2/read", "").status()).isEqualTo(204);

        assertThat(http.get(message).json().at("/read/at").asText()).isNotEmpty();
    }

    /** The newest open dead letter of this test's key. */
    private JsonNode deadLetter() {
        return await().until(() -> found("/api/v1/dead-letters?key=" + id), each -> !each.isEmpty())
                .get(0);
    }

    private List<JsonNode> found(String path) {
        Answer answer = http.get(path);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        List<JsonNode> items = new ArrayList<>();
        answer.json().path("items").forEach(items::add);
        return items;
    }

    private int effects() {
        return new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class))
                .queryForObject("SELECT COUNT(*) FROM comments WHERE message_id = ?", Integer.class, id);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
