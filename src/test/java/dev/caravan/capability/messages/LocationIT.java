package dev.caravan.capability.messages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Two instances without a worker: each serves the Location that the other one returned. */
class LocationIT {

    private static final String JSON = "application/json";

    @TempDir
    static Path folder;

    private static EmbeddedBroker broker;
    private static Program one;
    private static Program other;

    @BeforeAll
    static void start() throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
        one = Program.on(broker.bootstrapServers(), settings("one"));
        other = Program.on(broker.bootstrapServers(), settings("other"));
    }

    /** With separate databases, so only Kafka has the other instance's messages. */
    private static Map<String, String> settings(String database) {
        return Map.of(
                "role",
                "api",
                "events.topics",
                "audit",
                "database.url",
                "jdbc:h2:file:" + folder.resolve(database)
                        + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH");
    }

    @AfterAll
    static void stop() throws Exception {
        one.close();
        other.close();
        broker.close();
    }

    static Stream<Arguments> requests() {
        String id = UUID.randomUUID().toString();
        String order =
                "{\"id\":\"A\",\"user_id\":\"u\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";
        return Stream.of(
                Arguments.of("/order", order, Map.of()),
                Arguments.of("/order", order, Map.of("Message-ID", "order/" + id)),
                Arguments.of("/order", order, Map.of("Idempotency-Key", "key-" + id)),
                Arguments.of("/send", "{\"fromID\":1,\"toID\":2,\"message\":\"x\"}", Map.of()),
                Arguments.of("/api/v1/comments", "{\"text\":\"x\"}", Map.of()),
                Arguments.of("/api/v1/events", "{\"value\":1}", Map.of()),
                Arguments.of("/api/v1/events", "[{\"value\":1},{\"value\":2}]", Map.of()),
                Arguments.of("/api/v1/events", "{\"topic\":\"audit\",\"value\":1}", Map.of()),
                Arguments.of("/api/v1/events", "{\"topic\":\"audit\",\"value\":1}", Map.of("Message-ID", "a-" + id)),
                Arguments.of("/api/v1/events", "{\"value\":1,\"headers\":{\"MessageID\":\"" + id + "\"}}", Map.of()),
                Arguments.of(
                        "/api/v1/events",
                        "1",
                        Map.of("ce-specversion", "1.0", "ce-id", id, "ce-source", "/s", "ce-type", "t")));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void otherInstanceKnowsTheMessageImmediately(String path, String body, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Content-Type", JSON);
        Answer receipt = one.http().send("POST", path, body, all);
        assertThat(receipt.status()).as(receipt.body()).isBetween(200, 207);

        Answer there = other.http().get(receipt.header("Location"));

        assertThat(there.status()).as(there.body()).isEqualTo(200);
        assertThat(there.json().path("messageId").asText()).isEqualTo(receipt.header("Message-ID"));
        assertThat(there.json().path("state").asText()).isEqualTo("accepted");
        assertThat(there.json().at("/accepted/by").isNull()).isTrue();
        JsonNode here = one.http().get(receipt.header("Location")).json();
        for (String member : List.of("at", "topic", "partition", "offset")) {
            assertThat(there.json().path("accepted").path(member))
                    .isEqualTo(here.path("accepted").path(member));
        }
        assertThat(here.at("/accepted/by").isTextual()).isTrue();
    }

    @Test
    void findsMessagesBehindOthers() {
        String first = null;
        for (int i = 0; i < 20; i++) {
            Answer answer = one.http().postJson("/api/v1/events", "{\"key\":\"k\",\"value\":" + i + "}");
            first = first == null ? answer.header("Location") : first;
        }

        assertThat(other.http().get(first).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/events {\"value\":1}", "/send {\"fromID\":1,\"toID\":2,\"message\":\"x\"}"})
    void acceptingAMessageWritesNoRow(String request) {
        List<Long> before = rows();

        Answer receipt = one.http()
                .postJson(request.substring(0, request.indexOf(' ')), request.substring(request.indexOf(' ') + 1));

        assertThat(receipt.status()).isBetween(200, 207);
        assertThat(rows()).isEqualTo(before);
    }

    /** The number of rows per table. */
    private static List<Long> rows() {
        JdbcTemplate jdbc =
                new JdbcTemplate(one.caravan().context().getRegistry().findSingleByType(DataSource.class));
        return jdbc
                .queryForList(
                        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name",
                        String.class)
                .stream()
                .map(table -> jdbc.queryForObject("SELECT COUNT(*) FROM " + table, Long.class))
                .toList();
    }

    @Test
    void unknownMessageIsNotFound() {
        assertThat(other.http().get("/api/v1/messages/" + UUID.randomUUID()).status())
                .isEqualTo(404);
        assertThat(other.http()
                        .get("/api/v1/messages/019b7d0e-4f2b-7a60-8c11-2f6a9d0b3e55")
                        .status())
                .isEqualTo(404);
    }
}
