package dev.caravan.platform.reliability;

import static dev.caravan.support.UserRoutes.keeps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.LogCapture;
import dev.caravan.support.Records;
import dev.caravan.support.Records.Written;
import dev.caravan.support.Scrape;
import dev.caravan.support.UserRoutes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;

/** Several consumers of one topic: each gets every record once, and a failing one does not affect the others. */
@ExtendWith(CaravanExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class ConsumersIT {

    private static final int ORDERS = 40;

    private Program program;
    private Records records;
    private JdbcTemplate database;

    @BeforeAll
    void start() throws Exception {
        program = Program.start(Map.of("retry.attempts", "2"));
        records = program.records();
        database = new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
        UserRoutes.add(program.routes(), "audit", "{{orders.topic}}", keeps("audit"));
        UserRoutes.add(program.routes(), "shipping", "{{orders.topic}}", keeps("shipping"));
        UserRoutes.add(
                program.routes(),
                "billing",
                "{{orders.topic}}",
                """
                - choice:
                    when:
                      - simple: "${body} contains 'fails'"
                        steps:
                          - throwException: { exceptionType: java.lang.IllegalStateException, message: no bill }
                """
                        + keeps("billing"));
        UserRoutes.add(
                program.routes(),
                "payments",
                "payments",
                """
                - to:
                    uri: sql
                    parameters:
                      query: INSERT INTO payments (message_id) VALUES (:#${exchangeProperty.CaravanMessageId})
                """);
        await().until(() -> program.caravan().context().getRoute("audit-consume") != null
                && program.caravan().context().getRoute("payments-consume") != null
                && program.caravan().context().getRoute("billing-consume") != null
                && program.caravan().context().getRoute("shipping-consume") != null);
    }

    @AfterAll
    void stop() throws Exception {
        program.close();
    }

    @Test
    void eachConsumerGetsEachOrderOnce() {
        List<String> ids =
                IntStream.range(0, ORDERS).mapToObj(i -> post("fan-out", "new")).toList();

        for (String id : ids) {
            await().untilAsserted(() -> {
                assertThat(program.http().get("/order/" + id).status()).isEqualTo(200);
                assertThat(comments(id)).containsExactlyInAnyOrder("audit", "billing", "shipping");
            });
            assertThat(database.queryForList(
                            "SELECT consumer FROM processed_messages WHERE message_id = ?", String.class, id))
                    .containsExactlyInAnyOrder("orders", "audit", "billing", "shipping");
        }
    }

    @Test
    void aFailedRecordGoesThroughItsConsumersRetryTopics() {
        String id = post("ladder", "fails");

        await().untilAsserted(() ->
                assertThat(records.withMessageId("orders.billing-dlq", id)).hasSize(1));

        Written order = records.withMessageId("orders", id).get(0);
        for (int level = 1; level <= 3; level++) {
            assertThat(records.withMessageId("orders.billing-retry-" + level, id))
                    .hasSize(1);
            assertThat(records.withMessageId("orders-retry-" + level, id)).isEmpty();
        }
        assertThat(records.withMessageId("orders-dlq", id)).isEmpty();
        Written dead = records.withMessageId("orders.billing-dlq", id).get(0);
        assertThat(dead.value()).isEqualTo(order.value());
        assertThat(dead.headers())
                .containsEntry("caravan-consumer", "billing")
                .containsEntry("dead-letter-topic", "orders")
                .containsEntry("dead-letter-partition", Integer.toString(order.partition()))
                .containsEntry("dead-letter-offset", Long.toString(order.offset()))
                .containsEntry("delayed-retry-count", "3");
        await().untilAsserted(() -> assertThat(comments(id)).containsExactlyInAnyOrder("audit", "shipping"));
        await().untilAsserted(() ->
                assertThat(program.http().get("/order/" + id).status()).isEqualTo(200));
        await().untilAsserted(() -> assertThat(database.queryForList(
                        "SELECT DISTINCT consumer FROM message_attempts WHERE message_id = ?", String.class, id))
                .containsExactly("billing"));
    }

    @Test
    void aRetriedRecordGoesToTheConsumerInItsHeader() {
        String id = UUID.randomUUID().toString();
        byte[] order = order(id, "new").getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = Map.of(
                "MessageID",
                id,
                "caravan-consumer",
                "audit",
                "dead-letter-topic",
                "orders",
                "dead-letter-partition",
                "0",
                "dead-letter-offset",
                "1");

        records.write("orders-retry-1", id, order, headers);

        await().untilAsserted(() -> assertThat(comments(id)).containsExactly("audit"));
        assertThat(program.http().get("/order/" + id).status()).isEqualTo(404);
    }

    @Test
    void aRecordOfARemovedConsumerIsDeadLettered() {
        String id = UUID.randomUUID().toString();

        records.write(
                "orders-retry-1",
                id,
                order(id, "new").getBytes(StandardCharsets.UTF_8),
                Map.of("MessageID", id, "caravan-consumer", "gone"));

        await().untilAsserted(() ->
                assertThat(records.withMessageId("orders-dlq", id)).hasSize(1));
        assertThat(records.withMessageId("orders-dlq", id).get(0).headers()).containsEntry("caravan-consumer", "gone");
        assertThat(comments(id)).isEmpty();
        assertThat(program.http().get("/order/" + id).status()).isEqualTo(404);
    }

    @Test
    void messageStatusNamesProcessedAndFailedConsumers() {
        String id = post("followed", "fails");

        await().untilAsserted(() -> {
            JsonNode message = program.http().get("/api/v1/messages/" + id).json();
            assertThat(message.path("state").asText()).isEqualTo("dead-lettered");
            assertThat(message.path("consumers").findValuesAsText("consumer"))
                    .containsExactlyInAnyOrder("orders", "audit", "shipping");
            assertThat(message.path("processed").path("consumer").asText()).isIn("orders", "audit", "shipping");
            assertThat(message.path("attempts").findValuesAsText("consumer"))
                    .hasSize(8)
                    .containsOnly("billing");
        });
    }

    @Test
    void theRootCauseIsReportedEverywhere() {
        String id = UUID.randomUUID().toString();
        String cause = "Table \"payments\" not found";
        try (LogCapture logged = new LogCapture()) {
            records.write("payments", id, "{}".getBytes(StandardCharsets.UTF_8), Map.of("MessageID", id));

            await().untilAsserted(() -> assertThat(logged.text())
                    .containsPattern(id + " .*Processing failed, to payments-retry-1: " + cause));
        }
        await().untilAsserted(() ->
                assertThat(records.withMessageId("payments-dlq", id)).hasSize(1));
        for (String topic : List.of("payments-retry-1", "payments-dlq")) {
            assertThat(records.withMessageId(topic, id).get(0).headers().get("dead-letter-reason"))
                    .as(topic)
                    .startsWith(cause);
        }
        await().untilAsserted(() -> {
            JsonNode attempts =
                    program.http().get("/api/v1/messages/" + id).json().path("attempts");
            assertThat(attempts.findValuesAsText("reason")).hasSize(8).allMatch(reason -> reason.startsWith(cause));
        });
        for (String list : List.of("/api/v1/dead-letters?key=" + id, "/api/v1/dead-letter-groups")) {
            await().untilAsserted(() -> assertThat(
                            program.http().get(list).json().path("items").findValuesAsText("reason"))
                    .as(list)
                    .anyMatch(reason -> reason.startsWith(cause)));
        }
    }

    @Test
    void countersAndLagAreCountedPerConsumer() {
        String id = post("counted", "fails");
        await().untilAsserted(() ->
                assertThat(records.withMessageId("orders.billing-dlq", id)).hasSize(1));

        await().untilAsserted(() -> {
            Scrape scrape = Scrape.of(program.management());
            assertThat(value(scrape, "caravan_failed_total", "orders", "orders"))
                    .isZero();
            assertThat(value(scrape, "caravan_retried_total", "billing", "orders"))
                    .isPositive();
            assertThat(value(scrape, "caravan_sent_to_dlq_total", "billing", "orders.billing-retry-3"))
                    .isPositive();
            assertThat(value(scrape, "caravan_dead_letter_records", "billing", "orders.billing-dlq"))
                    .isPositive();
            assertThat(value(scrape, "caravan_retry_oldest_seconds", "billing", "orders.billing-retry-3"))
                    .isZero();
            for (String consumer : List.of("orders", "audit", "billing", "shipping")) {
                assertThat(value(scrape, "caravan_received_total", consumer, "orders"))
                        .isEqualTo(value(scrape, "caravan_received_total", "audit", "orders"))
                        .isPositive();
                assertThat(value(scrape, "caravan_consumer_lag_records", consumer, "orders"))
                        .isZero();
            }
        });
    }

    private static double value(Scrape scrape, String metric, String consumer, String topic) {
        return scrape.samples().stream()
                .filter(sample -> sample.name().equals(metric)
                        && consumer.equals(sample.labels().get("consumer"))
                        && topic.equals(sample.labels().get("topic")))
                .mapToDouble(Scrape.Sample::value)
                .reduce(Double::sum)
                .orElseThrow(() -> new AssertionError(metric + " of " + consumer + " on " + topic));
    }

    private List<String> comments(String messageId) {
        return database.queryForList("SELECT body FROM comments WHERE message_id = ?", String.class, messageId);
    }

    /** @return the order's id, which is also its MessageID */
    private String post(String user, String status) {
        String id = UUID.randomUUID().toString();
        Answer answer = program.http()
                .send(
                        "POST",
                        "/order",
                        order(id, status),
                        Map.of("Message-ID", id, "Content-Type", "application/json"));
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        return id;
    }

    private static String order(String id, String status) {
        return """
                {"id": "%s", "user_id": "u", "total": 1, "status": "%s", "timestamp": "2026-01-02T03:04:05Z"}"""
                .formatted(id, status);
    }
}
