package dev.caravan.capability.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension.Program;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.camel.spi.RouteController;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.springframework.jdbc.core.JdbcTemplate;

/** The index reads each record of a dead-letter topic once, even if its row is deleted. */
@TestInstance(Lifecycle.PER_CLASS)
class DeadLetterOffsetsIT {

    private Program program;
    private JdbcTemplate jdbc;

    @BeforeAll
    void start() throws Exception {
        program = Program.start(Map.of());
        jdbc = new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
    }

    @AfterAll
    void stop() throws Exception {
        program.close();
    }

    @Test
    void deletedRowsAreNotIndexedAgain() throws Exception {
        String newest = UUID.randomUUID().toString();
        String key = UUID.randomUUID().toString();
        dies(key, UUID.randomUUID().toString());
        dies(key, newest);

        jdbc.update("DELETE FROM dead_letters WHERE message_id = ?", newest);
        restartIndex();
        dies(key, UUID.randomUUID().toString());
        assertThat(indexed(newest)).as("the newest row of its partition").isZero();

        jdbc.update("DELETE FROM dead_letters");
        restartIndex();
        String behind = UUID.randomUUID().toString();
        dies(key, behind);
        assertThat(jdbc.queryForList("SELECT message_id FROM dead_letters WHERE key_text = ?", String.class, key))
                .containsExactly(behind);
    }

    @Test
    void reCreatedTopicIsReadFromItsStart() throws Exception {
        String key = UUID.randomUUID().toString();
        dies(key, UUID.randomUUID().toString());
        dies(key, UUID.randomUUID().toString());
        RouteController routes = program.caravan().context().getRouteController();
        routes.stopRoute("dead-letter-index");
        try (Admin admin = Admin.create(
                Map.<String, Object>of("bootstrap.servers", program.records().brokers()))) {
            admin.deleteTopics(List.of("orders-dlq")).all().get();
            await().untilAsserted(() -> admin.createTopics(
                            List.of(new NewTopic("orders-dlq", Optional.of(3), Optional.empty())))
                    .all()
                    .get());
        }

        routes.startRoute("dead-letter-index");

        String first = UUID.randomUUID().toString();
        String second = UUID.randomUUID().toString();
        dies(key, first);
        dies(key, second);
        restartIndex();
        dies(key, UUID.randomUUID().toString());
        assertThat(indexed(first)).isOne();
        assertThat(indexed(second)).isOne();
    }

    private void dies(String key, String messageId) {
        program.records()
                .write("orders", key, "no JSON".getBytes(StandardCharsets.UTF_8), Map.of("MessageID", messageId));
        await().until(() -> indexed(messageId) == 1);
    }

    private int indexed(String messageId) {
        return jdbc.queryForObject("SELECT COUNT(*) FROM dead_letters WHERE message_id = ?", Integer.class, messageId);
    }

    private void restartIndex() throws Exception {
        RouteController routes = program.caravan().context().getRouteController();
        routes.stopRoute("dead-letter-index");
        routes.startRoute("dead-letter-index");
    }
}
