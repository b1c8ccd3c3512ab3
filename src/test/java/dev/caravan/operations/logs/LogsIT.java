package dev.caravan.operations.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.LogCapture;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CaravanExtension.class)
class LogsIT {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    private final String id = UUID.randomUUID().toString();

    @Test
    void linesAboutARecordContainItsMessageId(Program program) {
        try (LogCapture logged = new LogCapture()) {
            program.http()
                    .send(
                            "POST",
                            "/order",
                            "{\"id\":\"" + id
                                    + "\",\"user_id\":\"u\",\"total\":1,\"status\":\"s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}",
                            Map.of(
                                    "Content-Type",
                                    "application/json",
                                    "Message-ID",
                                    id,
                                    "traceparent",
                                    "00-" + TRACE + "-b7ad6b7169203331-01"));

            JsonNode line = await().until(() -> logged.json(id), lines -> !lines.isEmpty())
                    .get(0);
            assertThat(line.path("message").asText()).startsWith("Received message Count: ");
            assertThat(line.path("route").asText()).isEqualTo("orders-consume");
            assertThat(line.path("trace_id").asText()).isEqualTo(TRACE);
            assertThat(line.path("message_id").asText()).isEqualTo(id);
            assertThat(line.path("topic").asText()).isEqualTo("orders");
            assertThat(line.path("partition").asText()).matches("\\d+");
            assertThat(line.path("offset").asText()).matches("\\d+");
            assertThat(line.path("key").asText()).isEqualTo(id);
            assertThat(logged.text()).contains(" orders-consume " + id + " Received message Count: ");
        }
    }

    @Test
    void payloadsCannotForgeLogLines(Program program) {
        String forged = "\r\n12:00:00.000\tforged\n{\"message\":\"forged\"}\r\u001b[2K\u009b2K\u2028";

        try (LogCapture logged = new LogCapture()) {
            // The step expects a number, and its exception quotes the payload.
            program.records()
                    .write(
                            "flaky",
                            id + forged,
                            (id + " " + forged).getBytes(StandardCharsets.UTF_8),
                            Map.of("MessageID", id + forged, "traceparent", forged, "dead-letter-offset", forged));

            await().until(() -> logged.json("Processing failed, to flaky-dlq").stream()
                    .anyMatch(line -> line.path("key").asText().startsWith(id)));
            assertThat(logged.text().lines())
                    .filteredOn(line -> line.contains("forged"))
                    .isNotEmpty()
                    .noneMatch(line -> line.startsWith("12:00:00.000\tforged") || line.startsWith("{"));
            assertThat(logged.text()).doesNotContainPattern("[\\p{Cntrl}\\x80-\\x9f\\u2028&&[^\n\t]]");
            assertThat(logged.json().lines())
                    .allMatch(line -> line.startsWith("{\"@timestamp\":") && !line.contains("\u001b"));
            assertThat(logged.json("forged")).isNotEmpty().allSatisfy(line -> {
                assertThat(line.path("route").asText()).matches("flaky-consume|retry-[123]");
                assertThat(line.path("message_id").asText()).matches("flaky/\\d/\\d+/\\d+");
                assertThat(line.path("key").asText()).doesNotContainPattern("\\p{Cntrl}");
                assertThat(line.has("trace_id")).isFalse();
            });
        }
    }
}
