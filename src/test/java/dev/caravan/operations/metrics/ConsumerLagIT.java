package dev.caravan.operations.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Records.Written;
import dev.caravan.support.Scrape;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CaravanExtension.class)
class ConsumerLagIT {

    private static final String LAG = "caravan_consumer_lag_records";
    private static final String OLDEST = "caravan_retry_oldest_seconds";
    private static final String DEAD = "caravan_dead_letter_records";

    @Test
    void aDeadLetterIncreasesTheTopicSizeButNotTheLag(Program program) {
        double before = await().until(() -> topic(program, DEAD, "orders-dlq"), OptionalDouble::isPresent)
                .getAsDouble();

        program.records().write("orders", "poison", bytes("no JSON"), Map.of("MessageID", id()));

        await().untilAsserted(() -> {
            assertThat(topic(program, DEAD, "orders-dlq")).hasValue(before + 1);
            assertThat(topic(program, LAG, "orders")).hasValue(0);
        });
    }

    @Test
    void lagAndAgeGrowWhileAConsumerIsStopped(Program program) {
        String id = id();
        control(program, "stop");
        try {
            program.records().write("flaky", id, bytes(id + " 4"), Map.of("MessageID", id));

            await().untilAsserted(() -> {
                assertThat(topic(program, LAG, "flaky-retry-1")).hasValue(1);
                assertThat(topic(program, OLDEST, "flaky-retry-1").orElse(0)).isGreaterThan(1);
                assertThat(topic(program, OLDEST, "flaky-retry-2")).hasValue(0);
            });
        } finally {
            control(program, "start");
        }

        await().untilAsserted(() -> {
            assertThat(topic(program, LAG, "flaky-retry-1")).hasValue(0);
            assertThat(topic(program, OLDEST, "flaky-retry-1")).hasValue(0);
        });
    }

    @Test
    void lagIsReportedForEachPartition(Program program) {
        await().untilAsserted(() -> assertThat(Scrape.of(program.management()).samples())
                .filteredOn(sample -> sample.name().equals(LAG)
                        && sample.labels().get("topic").equals("orders"))
                .extracting(Scrape.Sample::labels)
                .containsExactlyInAnyOrder(
                        Map.of("consumer", "orders", "group", "caravan-orders", "topic", "orders", "partition", "0"),
                        Map.of("consumer", "orders", "group", "caravan-orders", "topic", "orders", "partition", "1"),
                        Map.of("consumer", "orders", "group", "caravan-orders", "topic", "orders", "partition", "2")));
    }

    @Test
    void theTimestampOfAWaitingRecordCanBeReadAgain(Program program) {
        String id = id();
        program.records().write("events", id, bytes("{}"), Map.of("MessageID", id));
        Written record = program.records().withMessageId("events", id).get(0);
        Map<TopicPartition, Long> place =
                Map.of(new TopicPartition(record.topic(), record.partition()), record.offset());
        Properties kafka = new Properties();
        kafka.put("bootstrap.servers", program.records().brokers());

        try (OldestRecords oldestRecords = new OldestRecords(kafka)) {
            // Kafka may be late; then timestamps are missing.
            Map<TopicPartition, Long> first = await().until(
                            () -> oldestRecords.timestamps(place),
                            found -> found.keySet().equals(place.keySet()));

            await().untilAsserted(
                            () -> assertThat(oldestRecords.timestamps(place)).isEqualTo(first));
        }
    }

    private static void control(Program program, String action) {
        assertThat(program.http()
                        .postJson("/api/v1/routes/retry-1/" + action, "")
                        .status())
                .isEqualTo(204);
    }

    private static OptionalDouble topic(Program program, String name, String topic) {
        return Scrape.of(program.management()).sum(name, "topic", topic);
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
