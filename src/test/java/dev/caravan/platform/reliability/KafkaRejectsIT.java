package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.FlakyProcessor;
import dev.caravan.support.Http;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.springframework.jdbc.core.JdbcTemplate;

/** Kafka rejects a record for the next topic, a record published by a route, or a commit. */
@TestInstance(Lifecycle.PER_CLASS)
class KafkaRejectsIT {

    private String id;

    private Program program;
    private Admin admin;

    @BeforeAll
    void start() throws Exception {
        program = Program.start(Map.of("retry.attempts", "2", "retry.backoff", "500ms", "retry.delays", "1s,1s,1s"));
        admin = Admin.create(Map.<String, Object>of(
                "bootstrap.servers", program.caravan().context().resolvePropertyPlaceholders("{{kafka.brokers}}")));
    }

    @BeforeEach
    void nameTheRecord() {
        id = UUID.randomUUID().toString();
    }

    @AfterAll
    void stop() throws Exception {
        admin.close();
        program.close();
    }

    @Test
    void aRecordWithoutRetryTopicIsReadAgainUntilTheTopicExists() throws Exception {
        double rejected = rejected("flaky-retry-1");
        delete("flaky-retry-1");

        program.records().write("flaky", id, bytes(id + " 1000"), Map.of("MessageID", id));

        await().until(() -> rejected("flaky-retry-1") >= rejected + 2);
        assertThat(FlakyProcessor.attempts(id))
                .as("attempts of a record that is read again")
                .isGreaterThan(2);
        assertThat(program.records().lag("caravan-flaky", "flaky")).isEqualTo(1);
        create("flaky-retry-1");
        await().untilAsserted(() -> {
            assertThat(program.records().withMessageId("flaky-retry-1", id)).hasSize(1);
            assertThat(program.records().lag("caravan-flaky", "flaky")).isZero();
        });
    }

    @Test
    void aRecordWithoutDeadLetterTopicIsReadAgainUntilTheTopicExists() throws Exception {
        double rejected = rejected("orders-dlq");
        delete("orders-dlq");

        program.records().write("orders", id, bytes("no JSON"), Map.of("MessageID", id));

        await().until(() -> rejected("orders-dlq") >= rejected + 2);
        assertThat(program.records().lag("caravan-orders", "orders")).isEqualTo(1);
        create("orders-dlq");
        await().untilAsserted(() -> {
            assertThat(program.records().withMessageId("orders-dlq", id)).hasSize(1);
            assertThat(program.records().lag("caravan-orders", "orders")).isZero();
        });
        assertThat(program.records().withMessageId("orders-retry-1", id)).isEmpty();
    }

    @Test
    void otherRecordsOfThePollAreStoredAndCountedOnce() throws Exception {
        String key = "key-" + id;
        // The first record of a topic is awaited; the following ones are not.
        program.records().write("orders", key, bytes("no JSON"), Map.of("MessageID", "first-" + id));
        await().untilAsserted(() -> {
            assertThat(program.records().withMessageId("orders-dlq", "first-" + id))
                    .hasSize(1);
            // It has also been counted.
            assertThat(program.records().lag("caravan-orders", "orders")).isZero();
        });
        double processed = counted("processed", "orders");
        double dead = counted("sent.to.dlq", "orders");
        double rejected = rejected("orders-dlq");
        delete("orders-dlq");

        program.records().write("orders", key, order("before-" + id), Map.of("MessageID", "before-" + id));
        program.records().write("orders", key, bytes("no JSON"), Map.of("MessageID", id));
        program.records().write("orders", key, order("behind-" + id), Map.of("MessageID", "behind-" + id));

        await().until(() -> rejected("orders-dlq") >= rejected + 2);
        await().untilAsserted(() ->
                assertThat(program.records().lag("caravan-orders", "orders")).isEqualTo(2));
        assertThat(program.http().get("/order/before-" + id).status()).isEqualTo(200);
        create("orders-dlq");
        await().untilAsserted(() ->
                assertThat(program.records().lag("caravan-orders", "orders")).isZero());
        assertThat(program.records().withMessageId("orders-dlq", id)).hasSize(1);
        assertThat(program.http().get("/order/behind-" + id).status()).isEqualTo(200);
        assertThat(counted("processed", "orders") - processed).isEqualTo(2);
        assertThat(counted("sent.to.dlq", "orders") - dead).isEqualTo(1);
    }

    @Test
    void aRecordThatARouteCannotPublishIsRetried() throws Exception {
        program.records().write("forward", id, bytes("{}"), Map.of("MessageID", id, "forward-to", "forwarded"));

        await().untilAsserted(() -> assertThat(program.records().withMessageId("forward-retry-1", id))
                .hasSize(1));
        assertThat(rejected("forwarded")).as("in-place attempts").isGreaterThanOrEqualTo(2);
        create("forwarded");
        await().untilAsserted(() ->
                assertThat(program.records().withMessageId("forwarded", id)).hasSize(1));
        assertThat(program.records().withMessageId("forward-dlq", id)).isEmpty();
    }

    @Test
    void aBulkReplayWaitsUntilKafkaAcceptsTheRecords() throws Exception {
        program.records().write("flaky", id, bytes(id + " 8"), Map.of("MessageID", id));
        String filter = "{\"key\":\"" + id + "\",\"limit\":1}";
        await().until(() -> program.http()
                .get("/api/v1/dead-letters?key=" + id)
                .json()
                .at("/items/0/state")
                .asText()
                .equals("open"));
        double rejected = rejected("flaky-retry-1");
        delete("flaky-retry-1");

        CompletableFuture<Http.Answer> replay =
                CompletableFuture.supplyAsync(() -> program.http().postJson("/api/v1/dead-letters/replay", filter));
        await().until(() -> rejected("flaky-retry-1") >= rejected + 2);
        create("flaky-retry-1");

        await().untilAsserted(() ->
                assertThat(program.records().withMessageId("flaky-retry-1", id)).hasSize(1));
        String location = replay.get().json().path("location").asText();
        await().untilAsserted(() -> {
            JsonNode done = program.http().get(location).json();
            assertThat(done.path("state").asText()).isEqualTo("done");
            assertThat(done.path("replayed").asInt()).isOne();
            assertThat(done.path("skipped").asInt()).isZero();
        });
    }

    @Test
    void aRejectedCommitDoesNotFailTheRecord() throws Exception {
        double processed = counted("processed", "flaky");

        program.records().write("flaky", id, bytes(id + " 0 held"), Map.of("MessageID", id));
        await().until(() -> FlakyProcessor.attempts(id) == 1);
        // As a rebalance would: the consumer that commits after this attempt is no longer a member.
        admin.removeMembersFromConsumerGroup("caravan-flaky", new RemoveMembersFromConsumerGroupOptions())
                .all()
                .get();
        FlakyProcessor.release(id);

        await().untilAsserted(() -> assertThat(counted("processed", "flaky") - processed)
                .as("times the record was read; the second time it is skipped")
                .isGreaterThanOrEqualTo(2));
        await().untilAsserted(() ->
                assertThat(program.records().lag("caravan-flaky", "flaky")).isZero());
        assertThat(effects(id)).isEqualTo(1);
        assertThat(Stream.of("flaky-retry-1", "flaky-retry-2", "flaky-retry-3", "flaky-dlq"))
                .allSatisfy(topic -> assertThat(program.records().withMessageId(topic, id))
                        .as(topic)
                        .isEmpty());
    }

    /** Returns when brokers reject records for it. */
    private void delete(String topic) throws Exception {
        admin.deleteTopics(List.of(topic)).all().get();
        await().until(() -> !admin.listTopics().names().get().contains(topic));
    }

    private void create(String topic) throws Exception {
        admin.createTopics(Set.of(new NewTopic(topic, Optional.of(3), Optional.empty())))
                .all()
                .get();
    }

    private double rejected(String topic) {
        return counted("publish.failed", topic);
    }

    private double counted(String counter, String topic) {
        return program
                .caravan()
                .context()
                .getRegistry()
                .findSingleByType(MeterRegistry.class)
                .find("caravan." + counter)
                .tag("topic", topic)
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private int effects(String messageId) {
        DataSource database = program.caravan().context().getRegistry().findSingleByType(DataSource.class);
        return new JdbcTemplate(database)
                .queryForObject("SELECT COUNT(*) FROM comments WHERE message_id = ?", Integer.class, messageId);
    }

    private static byte[] order(String id) {
        return bytes("{\"id\":\"" + id
                + "\",\"user_id\":\"u\",\"total\":1,\"status\":\"s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
