package dev.caravan.capability.records;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import dev.caravan.support.Http.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Search and live stream of the records in Kafka. */
@ExtendWith(CaravanExtension.class)
class RecordsIT {

    private final String id = UUID.randomUUID().toString();
    private Program program;

    @BeforeEach
    void start(Program running) {
        program = running;
    }

    private JsonNode find(String query) {
        return program.http().get("/api/v1/records?" + query).json();
    }

    private EventStream tail(String topicAndQuery, Map<String, String> headers) {
        String path = "/api/v1/topics/" + topicAndQuery.replaceFirst("\\?|$", "/records?");
        return EventStream.open(program.http().port(), path, headers);
    }

    private void write(String key, String value) {
        program.records().write("comments", key, value.getBytes(StandardCharsets.UTF_8), Map.of("MessageID", key));
    }

    private static List<String> keys(EventStream stream) {
        return stream.events("record").stream()
                .map(event -> event.data().path("key").asText())
                .toList();
    }

    @Test
    void findsAMessageByTraceId() {
        String trace = id.replace("-", "");
        Answer accepted = program.http()
                .send(
                        "POST",
                        "/api/v1/comments",
                        "{\"text\":\"Traced\"}",
                        Map.of(
                                "Content-Type",
                                "application/json",
                                "traceparent",
                                "00-" + trace + "-00f067aa0ba902b7-01"));

        JsonNode found = find("trace=" + trace);

        assertThat(found.at("/items/0/messageId").asText()).isEqualTo(accepted.header("Message-ID"));
        assertThat(found.at("/items/0/topic").asText()).isEqualTo("comments");
        assertThat(found.at("/searched/records").asLong()).isPositive();
        assertThat(found.at("/searched/complete").isBoolean()).isTrue();
    }

    @Test
    void findsMessagesByKeyNewestFirst() {
        for (String message : List.of("first", "second")) {
            program.records()
                    .write(
                            "flaky",
                            id,
                            (id + " 0").getBytes(StandardCharsets.UTF_8),
                            Map.of("MessageID", id + message));
        }

        assertThat(find("key=" + id).findValuesAsText("messageId")).containsExactly(id + "second", id + "first");
        assertThat(find("key=" + id + "&topic=orders").path("items")).isEmpty();
        assertThat(find("key=" + id + "&since=2100-01-01T00:00:00Z").path("items"))
                .isEmpty();
        assertThat(find("topic=flaky").at("/items/0/messageId").asText()).isEqualTo(id + "second");
        assertThat(find("key=" + id + "&trace=4bf92f3577b34da6a3ce929d0e0e4736").path("items"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"trace=xyz, 400", "key=a&topic=none, 404", "key=a&since=now, 400"})
    void rejectsInvalidSearches(String query, int status) {
        assertThat(program.http().get("/api/v1/records?" + query).status()).isEqualTo(status);
    }

    @Test
    void streamsNewRecords() {
        write(id + "before", "{\"text\":\"before\"}");
        try (EventStream stream = tail("comments", Map.of())) {
            stream.await("end", 1);
            write(id, "{\"text\":\"\\u001b[31mred\"}");
            write(id + "binary", "x");

            stream.await("record", 2);
            assertThat(keys(stream)).containsExactlyInAnyOrder(id, id + "binary");
            assertThat(stream.events("record").get(0).data().path("messageId").asText())
                    .startsWith(id);
            assertThat(stream.events("end")).hasSize(1);
        }
    }

    @Test
    void streamsLastRecordsAndResumes() {
        for (int i = 0; i < 5; i++) {
            write(id + i, "{\"text\":\"" + i + "\"}");
        }
        String middle;
        try (EventStream stream = tail("comments?last=3", Map.of())) {
            stream.await("end", 1);
            assertThat(keys(stream)).hasSize(3).contains(id + 4);
            middle = stream.events("record").get(1).id();
        }
        try (EventStream stream = tail("comments", Map.of("Last-Event-ID", middle))) {
            stream.await("end", 1);
            assertThat(keys(stream)).hasSize(1);
        }
        try (EventStream stream = tail("comments?last=all", Map.of())) {
            stream.await("end", 1);
            assertThat(keys(stream)).contains(id + 0, id + 1, id + 2, id + 3, id + 4);
            assertThat(stream.events("record"))
                    .extracting(event ->
                            event.data().path("partition") + "/" + event.data().path("offset"))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void streamsDeadLetterTopics() {
        try (EventStream stream = tail("orders-dlq", Map.of())) {
            assertThat(stream.status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"__consumer_offsets", "none", "comments%00"})
    void unknownTopicsAreNotFound(String topic) {
        assertThat(program.http().get("/api/v1/topics/" + topic + "/records").status())
                .isEqualTo(404);
    }

    @Test
    void rejectsTooManyLastRecords() {
        assertThat(program.http()
                        .get("/api/v1/topics/comments/records?last=1001")
                        .status())
                .isEqualTo(400);
    }
}
