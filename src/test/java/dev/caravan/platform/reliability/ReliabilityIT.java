package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.FlakyProcessor;
import dev.caravan.support.Records.Written;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;

@ExtendWith(CaravanExtension.class)
class ReliabilityIT {

    @Test
    void invalidJsonIsDeadLetteredUnchanged(Program program) {
        byte[] poison = {(byte) 0xff, 0, 'x', '\n'};
        String id = UUID.randomUUID().toString();

        program.records().write("orders", "k1", poison, Map.of("MessageID", id, "x-own", "kept"));

        await().untilAsserted(() -> {
            List<Written> dead = program.records().withMessageId("orders-dlq", id);
            assertThat(dead).hasSize(1);
            assertThat(dead.get(0).value()).isEqualTo(poison);
            assertThat(dead.get(0).key()).isEqualTo("k1");
            assertThat(dead.get(0).headers())
                    .containsEntry("x-own", "kept")
                    .containsEntry("dead-letter-topic", "orders")
                    .containsEntry("dead-letter-exception-class-name", "dev.caravan.platform.edge.ProblemException")
                    .containsEntry("delayed-retry-count", "0")
                    .containsKeys(
                            "dead-letter-reason",
                            "dead-letter-partition",
                            "dead-letter-offset",
                            "delayed-retry-original-timestamp",
                            "delayed-retry-first-processing-timestamp");
        });
        assertThat(program.records().withMessageId("orders-retry-1", id)).isEmpty();
    }

    @Test
    void aFailingRecordPassesAllRetryTopicsAndIsDeadLettered(Program program) {
        String id = UUID.randomUUID().toString();

        program.records().write("flaky", id, bytes(id + " 16"), Map.of("MessageID", id));

        await().untilAsserted(() ->
                assertThat(program.records().withMessageId("flaky-dlq", id)).hasSize(1));
        for (int level = 1; level <= 3; level++) {
            List<Written> retried = program.records().withMessageId("flaky-retry-" + level, id);
            assertThat(retried).hasSize(1);
            assertThat(retried.get(0).headers()).containsEntry("delayed-retry-count", Integer.toString(level));
        }
        Written dead = program.records().withMessageId("flaky-dlq", id).get(0);
        Written first = program.records().withMessageId("flaky", id).get(0);
        assertThat(dead.text()).isEqualTo(id + " 16");
        assertThat(dead.headers())
                .containsEntry("dead-letter-topic", "flaky")
                .containsEntry("dead-letter-partition", Integer.toString(first.partition()))
                .containsEntry("dead-letter-offset", Long.toString(first.offset()))
                .containsEntry("dead-letter-reason", "attempt 16 fails: as it was told")
                .containsEntry("dead-letter-cause", "as it was told")
                .containsEntry("dead-letter-exception-class-name", "java.lang.IllegalStateException")
                .containsEntry("delayed-retry-count", "3");
        assertThat(FlakyProcessor.attempts(id)).isEqualTo(16);
        assertThat(effects(program, id)).isZero();
        await().untilAsserted(() -> {
            assertThat(program.records().lag("caravan-flaky", "flaky")).isZero();
            for (int level = 1; level <= 3; level++) {
                assertThat(program.records().lag("caravan-retry-" + level, "flaky-retry-" + level))
                        .isZero();
            }
        });
    }

    @Test
    void inPlaceAttemptsCureAShortFailure(Program program) {
        String id = UUID.randomUUID().toString();

        program.records().write("flaky", id, bytes(id + " 3"), Map.of("MessageID", id));

        await().untilAsserted(() -> assertThat(effects(program, id)).isEqualTo(1));
        assertThat(FlakyProcessor.attempts(id)).isEqualTo(4);
        assertThat(program.records().withMessageId("flaky-retry-1", id)).isEmpty();
    }

    @Test
    void aRetryTopicCuresALongerFailure(Program program) {
        String id = UUID.randomUUID().toString();

        program.records().write("flaky", id, bytes(id + " 5"), Map.of("MessageID", id));

        await().untilAsserted(() -> assertThat(effects(program, id)).isEqualTo(1));
        assertThat(FlakyProcessor.attempts(id)).isEqualTo(6);
        assertThat(program.records().withMessageId("flaky-retry-1", id)).hasSize(1);
        assertThat(program.records().withMessageId("flaky-retry-2", id)).isEmpty();
    }

    @Test
    void aFailureAfterAnOutageDoesNotWaitAsInTheOutage(Program program) {
        String id = UUID.randomUUID().toString();

        program.records().write("flaky", id, bytes(id + " 6 away"), Map.of("MessageID", id));

        await().untilAsserted(() -> assertThat(effects(program, id)).isEqualTo(1));
        assertThat(program.records().withMessageId("flaky-retry-1", id)).hasSize(1);
    }

    @Test
    void theSameMessageIdTakesEffectOnce(Program program) {
        String id = UUID.randomUUID().toString();
        String last = UUID.randomUUID().toString();

        for (int i = 0; i < 3; i++) {
            program.records().write("flaky", "same", bytes(id + " 0"), Map.of("MessageID", id));
        }
        program.records().write("flaky", "same", bytes(last + " 0"), Map.of("MessageID", last));

        await().untilAsserted(() -> assertThat(effects(program, last)).isEqualTo(1));
        assertThat(effects(program, id)).isEqualTo(1);
    }

    @Test
    void countersAddUpForEveryTopic(Program program) {
        String cured = UUID.randomUUID().toString();
        String lost = UUID.randomUUID().toString();
        program.records().write("flaky", cured, bytes(cured + " 5"), Map.of("MessageID", cured));
        program.records().write("flaky", lost, bytes(lost + " 16"), Map.of("MessageID", lost));

        await().untilAsserted(() -> {
            assertThat(program.records().withMessageId("flaky-dlq", lost)).hasSize(1);
            assertThat(effects(program, cured)).isEqualTo(1);
            Map<String, Double> counters = counters(program);
            for (String topic : List.of("flaky", "flaky-retry-1", "flaky-retry-2", "flaky-retry-3", "orders")) {
                double failed = counters.getOrDefault("failed " + topic, 0.0);
                assertThat(counters.getOrDefault("received " + topic, 0.0))
                        .as("received " + topic)
                        .isEqualTo(counters.getOrDefault("processed " + topic, 0.0) + failed);
                assertThat(failed)
                        .as("failed " + topic)
                        .isEqualTo(counters.getOrDefault("retried " + topic, 0.0)
                                + counters.getOrDefault("sent_to_dlq " + topic, 0.0));
            }
            assertThat(counters.get("processed flaky-retry-1")).isPositive();
            assertThat(counters.get("sent_to_dlq flaky-retry-3")).isPositive();
        });
    }

    /** {@code "<counter> <topic>"} → value, summed over the consumers of the topic. */
    private static Map<String, Double> counters(Program program) {
        Pattern line = Pattern.compile("caravan_(\\w+)_total\\{consumer=\"[^\"]+\",topic=\"([^\"]+)\"} (\\S+)");
        return line.matcher(program.management().get("/observe/metrics").body())
                .results()
                .collect(Collectors.toMap(
                        match -> match.group(1) + " " + match.group(2),
                        match -> Double.valueOf(match.group(3)),
                        Double::sum));
    }

    @Test
    void acceptingAndConsumingRoutesAreTimed(Program program) {
        String order =
                "{\"id\":\"timed\",\"user_id\":\"u\",\"total\":1,\"status\":\"s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";
        assertThat(program.http().postJson("/order", order).status()).isEqualTo(202);

        await().untilAsserted(() -> assertThat(
                        program.management().get("/observe/metrics").body())
                .containsPattern("caravan_route_seconds_count\\{outcome=\"success\",route=\"orders-accept\"} [1-9]")
                .containsPattern("caravan_route_seconds_count\\{outcome=\"success\",route=\"orders-process\"} [1-9]"));
    }

    @Test
    void topicsAreCreatedWithTheConfiguredPartitions(Program program) {
        assertThat(program.records().partitions("flaky")).isEqualTo(3);
        assertThat(program.records().partitions("orders-retry-2")).isEqualTo(3);
        assertThat(program.records().partitions("orders-dlq")).isEqualTo(3);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int effects(Program program, String messageId) {
        DataSource database = program.caravan().context().getRegistry().findSingleByType(DataSource.class);
        return new JdbcTemplate(database)
                .queryForObject("SELECT COUNT(*) FROM comments WHERE message_id = ?", Integer.class, messageId);
    }
}
