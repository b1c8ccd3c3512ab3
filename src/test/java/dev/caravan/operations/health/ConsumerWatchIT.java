package dev.caravan.operations.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.FlakyProcessor;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CaravanExtension.class)
class ConsumerWatchIT {

    private final String id = UUID.randomUUID().toString();

    @Test
    void anEndedConsumerIsRestartedAndContinues(Program program) {
        forward(program, id + "-before");
        await().untilAsserted(() -> assertThat(arrived(program, "-before")).isOne());

        threadOf("forward").interrupt();
        await().untilAsserted(() -> assertThat(
                        program.management().get("/observe/metrics").body())
                .contains("caravan_consumer_restarts_total{route=\"forward-consume\"} 1.0"));
        forward(program, id + "-after");

        await().untilAsserted(() -> assertThat(arrived(program, "-after")).isOne());
        await().until(() -> consumers(program).matches(".*forward-consume (polling|working) \\(3\\).*"));
        assertThat(arrived(program, "-before")).isOne();
    }

    @Test
    void stuckAttemptsAreInterruptedAndTheConsumerContinues(Program program) {
        ConsumerWatch watch = program.caravan().context().getRegistry().findSingleByType(ConsumerWatch.class);
        watch.setLongestAttempt("2s");
        try {
            flaky(program, id + "-hung", "1000 hangs");
            flaky(program, id + "-behind", "1000 hangs");
            flaky(program, id + "-next", "0");

            await().untilAsserted(() -> assertThat(
                            program.management().get("/observe/metrics").body())
                    .contains("caravan_consumer_restarts_total{route=\"flaky-consume\"} 1.0"));
            // Now the state lasts: a second restart follows the first after 30 s at the earliest.
            await().until(() -> consumers(program).contains("flaky-consume stuck"));
            await().until(() -> FlakyProcessor.attempts(id + "-next") == 1);
            await().until(() -> FlakyProcessor.attempts(id + "-hung") > 1);
            assertThat(program.records().withMessageId("flaky-retry-1", id + "-hung"))
                    .hasSize(1);
            assertThat(program.records().withMessageId("flaky-retry-1", id + "-behind"))
                    .hasSize(1);
            await().untilAsserted(() ->
                    assertThat(program.records().lag("caravan-flaky", "flaky")).isZero());
        } finally {
            watch.setLongestAttempt("45s");
        }
    }

    private void flaky(Program program, String name, String attempts) {
        program.records()
                .write(
                        "flaky",
                        id,
                        (name + " " + attempts).getBytes(StandardCharsets.UTF_8),
                        Map.of("MessageID", name));
    }

    private void forward(Program program, String messageId) {
        program.records()
                .write(
                        "forward",
                        null,
                        messageId.getBytes(StandardCharsets.UTF_8),
                        Map.of("MessageID", messageId, "forward-to", "events"));
    }

    private long arrived(Program program, String which) {
        return program.records()
                .of("events", record -> record.text().equals(id + which))
                .size();
    }

    private static String consumers(Program program) {
        for (var check : program.management().get("/observe/health").json().path("checks")) {
            if (check.path("name").asText().equals("consumers")) {
                return check.path("message").asText();
            }
        }
        return "";
    }

    private static Thread threadOf(String topic) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().endsWith("KafkaConsumer[" + topic + "]"))
                .findFirst()
                .orElseThrow();
    }
}
