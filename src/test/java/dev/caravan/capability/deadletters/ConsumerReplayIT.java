package dev.caravan.capability.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.UserRoutes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.springframework.jdbc.core.JdbcTemplate;

/** A replay goes to the consumer that failed, in the record's original position. */
@TestInstance(Lifecycle.PER_CLASS)
class ConsumerReplayIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"7\",\"total\":5,\"status\":\"%s\",\"timestamp\":\"2026-01-02T03:04:05Z\"}";

    private final String id = UUID.randomUUID().toString();
    private Program program;
    private JdbcTemplate database;

    @BeforeAll
    void start() throws Exception {
        program = Program.start(Map.of("retry.attempts", "1"));
        database = new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
        UserRoutes.add(program.routes(), "audit", "{{orders.topic}}", UserRoutes.keeps("audit"));
        UserRoutes.add(
                program.routes(),
                "billing",
                "{{orders.topic}}",
                """
                - choice:
                    when:
                      - simple: "${body} contains 'fails' && ${header.replay-count} == null"
                        steps:
                          - throwException: { exceptionType: java.lang.IllegalStateException, message: no bill }
                """
                        + UserRoutes.keeps("billing"));
        await().until(() -> program.caravan().context().getRoute("audit-consume") != null
                && program.caravan().context().getRoute("billing-consume") != null);
    }

    @AfterAll
    void stop() throws Exception {
        program.close();
    }

    @Test
    void replayReachesOnlyTheFailedConsumer() {
        program.records().write("orders", id, bytes(ORDER.formatted(id, "fails")), Map.of("MessageID", id));
        JsonNode letter = found("consumer=billing&key=" + id);
        assertThat(letter.path("consumer").asText()).isEqualTo("billing");
        assertThat(letter.path("topic").asText()).isEqualTo("orders");
        assertThat(program.http()
                        .get("/api/v1/dead-letters?consumer=audit&key=" + id)
                        .json()
                        .path("items"))
                .isEmpty();
        assertThat(program.http().get("/api/v1/dead-letter-groups").json().findValuesAsText("consumer"))
                .contains("billing");
        await().untilAsserted(() -> assertThat(
                        program.management().get("/observe/metrics").body())
                .contains("caravan_dead_letters_open{consumer=\"billing\",topic=\"orders\"} 1.0"));

        assertThat(program.http()
                        .postJson("/api/v1/dead-letters/" + letter.path("id") + "/replay", "")
                        .status())
                .isEqualTo(202);

        await().untilAsserted(() -> assertThat(kept()).containsExactlyInAnyOrder("audit", "billing"));
        assertThat(program.records().withMessageId("orders", id)).hasSize(1);
        assertThat(program.records().withMessageId("orders-retry-1", id)).isEmpty();
        assertThat(program.records().withMessageId("orders.billing-retry-1", id))
                .hasSize(2);
        await().untilAsserted(() -> assertThat(
                        program.management().get("/observe/metrics").body())
                .doesNotContain("caravan_dead_letters_open{consumer=\"billing\",topic=\"orders\"} 1.0"));
    }

    @Test
    void replayDoesNotOverwriteANewerState() {
        String order = UUID.randomUUID().toString();
        String message = UUID.randomUUID().toString();
        program.records().write("orders", order, bytes("no JSON"), Map.of("MessageID", message));
        JsonNode letter = found("consumer=orders&key=" + order);
        assertThat(program.http()
                        .postJson("/order", ORDER.formatted(order, "newer"))
                        .status())
                .isEqualTo(202);
        await().until(() -> program.http().get("/order/" + order).status() == 200);

        assertThat(program.http()
                        .postJson(
                                "/api/v1/dead-letters/" + letter.path("id") + "/replay",
                                "{\"value\":" + ORDER.formatted(order, "older") + "}")
                        .status())
                .isEqualTo(202);

        await().untilAsserted(() -> assertThat(database.queryForObject(
                        "SELECT COUNT(*) FROM processed_messages WHERE consumer = 'orders' AND message_id = ?",
                        Integer.class,
                        message))
                .isOne());
        assertThat(program.http().get("/order/" + order).json().path("status").asText())
                .isEqualTo("newer");
    }

    private JsonNode found(String filter) {
        return await().until(
                        () -> program.http()
                                .get("/api/v1/dead-letters?" + filter)
                                .json()
                                .at("/items/0"),
                        found -> !found.isMissingNode());
    }

    private List<String> kept() {
        return database.queryForList("SELECT body FROM comments WHERE message_id = ?", String.class, id);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
