package dev.caravan.capability.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Records;
import dev.caravan.support.Records.Written;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The later state of an order in its partition wins, independently of clocks. The topic was created without LogAppendTime, so producers set the
 * timestamps.
 */
@ExtendWith(CaravanExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class OrderStatesIT {

    private static final Duration DAY = Duration.ofDays(1);

    private EmbeddedBroker broker;
    private Records records;
    private Program program;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder, 0);
        records = new Records(broker.bootstrapServers());
        createTopic();
        program = Program.on(broker.bootstrapServers(), Map.of("retry.attempts", "1"));
    }

    @AfterAll
    void stop() throws Exception {
        program.close();
        broker.close();
    }

    @Test
    void slowClockLosesNoState() {
        String id = id();
        Instant now = Instant.now();

        write(id, "first", now);
        write(id, "second", now.minusMillis(500));
        write(id, "third", now.minus(DAY));

        stored(id, "third");
    }

    @Test
    void recordFromTheFutureDoesNotBlockLaterStates() {
        String id = id();

        write(id, "tomorrow", Instant.now().plus(DAY));
        stored(id, "tomorrow");
        write(id, "now", Instant.now());

        stored(id, "now");
    }

    @Test
    void retriedOrReplayedRecordDoesNotReplaceALaterState() {
        String id = id();
        write(id, "later", Instant.now());
        stored(id, "later");
        Written later = records.of("orders", record -> id.equals(record.key())).get(0);
        Map<String, String> failed = Map.of(
                "MessageID", id(),
                "caravan-consumer", "orders",
                "dead-letter-topic", "orders",
                "dead-letter-topic-id", topicId(),
                "dead-letter-partition", Integer.toString(later.partition()),
                "dead-letter-offset", Long.toString(later.offset() - 1),
                "delayed-retry-original-timestamp",
                        Long.toString(Instant.now().plus(DAY).toEpochMilli()));

        records.write("orders-retry-1", id, order(id, "earlier"), failed);

        processed(failed.get("MessageID"));
        stored(id, "later");
    }

    @Test
    void reCreatedTopicDoesNotBlockLaterStates() throws Exception {
        String id = id();
        for (int i = 1; i <= 5; i++) {
            write(id, "old " + i, Instant.now().plus(DAY));
        }
        stored(id, "old 5");
        String old = topicId();
        recreateTopic();

        String messageId = id();
        records.write(
                "orders", null, Instant.now().toEpochMilli(), id, order(id, "new"), Map.of("MessageID", messageId));

        processed(messageId);
        stored(id, "new");
        String late = id();
        records.write(
                "orders-retry-1",
                id,
                order(id, "of the old topic"),
                Map.of(
                        "MessageID",
                        late,
                        "caravan-consumer",
                        "orders",
                        "dead-letter-topic-id",
                        old,
                        "dead-letter-partition",
                        "0",
                        "dead-letter-offset",
                        "1000000",
                        "delayed-retry-original-timestamp",
                        Long.toString(Instant.now().plus(DAY).toEpochMilli())));
        processed(late);
        stored(id, "new");
    }

    @Test
    void reCreatedTopicProcessesRecordsWithoutMessageId() throws Exception {
        String before = id();
        String after = id();
        records.write("orders", 0, null, before, order(before, "before"), Map.of());
        stored(before, "before");
        recreateTopic();

        for (int i = 0; i < 3; i++) {
            records.write("orders", 0, null, after, order(after, "after " + i), Map.of());
        }

        stored(after, "after 2");
    }

    @Test
    void recordTimeDecidesBetweenPartitions() {
        String id = id();
        Instant now = Instant.now();
        records.write("orders", 1, now.toEpochMilli(), id, order(id, "earlier"), Map.of("MessageID", id()));
        stored(id, "earlier");
        records.write("orders", 2, now.plusMillis(1).toEpochMilli(), id, order(id, "later"), Map.of("MessageID", id()));
        stored(id, "later");
        String earliest = id();

        records.write(
                "orders",
                0,
                now.minusMillis(1).toEpochMilli(),
                id,
                order(id, "earliest"),
                Map.of("MessageID", earliest));

        processed(earliest);
        stored(id, "later");
    }

    @Test
    void createdTopicsUseLogAppendTime() throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "comments");
        try (Admin admin = admin()) {
            assertThat(admin.describeConfigs(List.of(topic))
                            .all()
                            .get()
                            .get(topic)
                            .get("message.timestamp.type")
                            .value())
                    .isEqualTo("LogAppendTime");
        }
    }

    /** While its consumer is running. */
    private void recreateTopic() throws Exception {
        try (Admin admin = admin()) {
            admin.deleteTopics(List.of("orders")).all().get();
        }
        createTopic();
    }

    private void createTopic() throws Exception {
        try (Admin admin = admin()) {
            await().ignoreExceptions().until(() -> {
                admin.createTopics(List.of(new NewTopic("orders", Optional.of(3), Optional.empty())))
                        .all()
                        .get();
                return true;
            });
        }
    }

    private Admin admin() {
        return Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()));
    }

    private String topicId() {
        try (Admin admin = admin()) {
            return admin.describeTopics(List.of("orders"))
                    .allTopicNames()
                    .get()
                    .get("orders")
                    .topicId()
                    .toString();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void write(String id, String status, Instant at) {
        records.write("orders", null, at.toEpochMilli(), id, order(id, status), Map.of("MessageID", id()));
    }

    private void stored(String id, String status) {
        await().untilAsserted(() -> assertThat(
                        program.http().get("/order/" + id).json().path("status").asText())
                .isEqualTo(status));
    }

    private void processed(String messageId) {
        await().until(() -> program.http()
                .get("/api/v1/messages/" + messageId)
                .json()
                .path("state")
                .asText()
                .equals("processed"));
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private static byte[] order(String id, String status) {
        return """
                {"id": "%s", "user_id": "u", "total": 1, "status": "%s", "timestamp": "2026-01-02T03:04:05Z"}"""
                .formatted(id, status)
                .getBytes(StandardCharsets.UTF_8);
    }
}
