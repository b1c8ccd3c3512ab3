package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Records.Written;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;

/** Properties that a user's route sets do not change how Caravan handles the message. */
@ExtendWith(CaravanExtension.class)
class OwnPropertiesIT {

    private static final String TOPIC = "own-properties";

    private final String id = UUID.randomUUID().toString();

    @Test
    void doNotChangeThePublishedRecord(Program program) {
        Exchange published = program.caravan()
                .context()
                .createProducerTemplate()
                .request("direct:own-properties-publish", exchange -> {
                    exchange.getMessage().setHeader("MessageID", id);
                    exchange.getMessage().setBody(bytes("works"));
                });

        assertThat(published.getException()).isNull();
        assertThat(program.records().withMessageId(TOPIC, id))
                .singleElement()
                .satisfies(record -> assertThat(record.key()).isNull());
    }

    @Test
    void doNotChangeTheEffect(Program program) {
        program.records().write(TOPIC, "k1", bytes("works"), Map.of("MessageID", id));

        await().untilAsserted(() -> assertThat(rows(program, "comments")).isEqualTo(1));
        await().untilAsserted(
                        () -> assertThat(rows(program, "processed_messages")).isEqualTo(1));
    }

    @Test
    void doNotChangeFailureHandling(Program program) {
        program.records().write(TOPIC, "k1", bytes("fails"), Map.of("MessageID", id));

        await().untilAsserted(() -> {
            List<Written> dead = program.records().withMessageId(TOPIC + "-dlq", id);
            assertThat(dead).singleElement().satisfies(record -> {
                assertThat(record.key()).isEqualTo("k1");
                assertThat(record.headers())
                        .containsEntry("dead-letter-topic", TOPIC)
                        .containsEntry("dead-letter-reason", "as it says")
                        .containsEntry("delayed-retry-count", "3");
            });
        });
        assertThat(rows(program, "comments")).isZero();
        await().untilAsserted(
                        () -> assertThat(rows(program, "message_attempts")).isEqualTo(16));
    }

    private int rows(Program program, String table) {
        return new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class))
                .queryForObject("SELECT COUNT(*) FROM " + table + " WHERE message_id = ?", Integer.class, id);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
