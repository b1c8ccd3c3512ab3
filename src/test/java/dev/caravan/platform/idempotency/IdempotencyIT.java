package dev.caravan.platform.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;

@ExtendWith(CaravanExtension.class)
class IdempotencyIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"u\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    private final String key = UUID.randomUUID().toString();

    @Test
    void publishesTheSameRequestOnce(Program program) {
        Answer first = post(program, ORDER.formatted(key));
        Answer second = post(program, ORDER.formatted(key));

        assertThat(first.status()).isEqualTo(202);
        assertThat(second.status()).isEqualTo(202);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.header("Message-ID")).isEqualTo(key);
        assertThat(second.header("Location")).isEqualTo(first.header("Location"));
        assertThat(program.records().withMessageId("orders", key)).hasSize(1);
    }

    @Test
    void ignoresMediaTypeParameters(Program program) {
        Answer first = post(program, ORDER.formatted(key));
        for (String type : new String[] {"application/json; charset=utf-8", "application/json;charset=UTF-8"}) {
            Answer again = program.http()
                    .send("POST", "/order", ORDER.formatted(key), Map.of("Content-Type", type, "Idempotency-Key", key));

            assertThat(again.status()).as(again.body()).isEqualTo(202);
            assertThat(again.body()).isEqualTo(first.body());
        }
    }

    @Test
    void repeatedAnswersHaveTheFirstTrace(Program program) {
        Answer first = post(program, ORDER.formatted(key));

        assertThat(first.header("traceparent")).isNotNull();
        assertThat(post(program, ORDER.formatted(key)).header("traceparent")).isEqualTo(first.header("traceparent"));
    }

    @Test
    void comparesCloudEventAttributes(Program program) {
        assertThat(cloudEvent(program, "a").status()).isEqualTo(202);
        assertThat(cloudEvent(program, "a").status()).isEqualTo(202);
        assertThat(cloudEvent(program, "b").status()).isEqualTo(422);
    }

    private Answer cloudEvent(Program program, String subject) {
        return program.http()
                .send(
                        "POST",
                        "/api/v1/events",
                        "1",
                        Map.of(
                                "Content-Type",
                                "application/json",
                                "Idempotency-Key",
                                key,
                                "ce-specversion",
                                "1.0",
                                "ce-id",
                                key,
                                "ce-source",
                                "/s",
                                "ce-type",
                                "t",
                                "ce-subject",
                                subject));
    }

    @Test
    void rejectsAnotherRequestWithTheKey(Program program) {
        post(program, ORDER.formatted(key));

        Answer other = post(program, ORDER.formatted(key + "-other"));

        assertThat(other.status()).isEqualTo(422);
        assertThat(program.records().withMessageId("orders", key)).hasSize(1);
    }

    @Test
    void failedRequestsReleaseTheKey(Program program) {
        assertThat(post(program, "{}").status()).isEqualTo(400);

        assertThat(post(program, ORDER.formatted(key)).status()).isEqualTo(202);
    }

    @Test
    void concurrentRequestsConflict(Program program) {
        post(program, ORDER.formatted(key));
        JdbcTemplate jdbc = jdbc(program);
        jdbc.update("UPDATE idempotency_keys SET status = NULL WHERE idempotency_key = ?", key);

        assertThat(post(program, ORDER.formatted(key)).status()).isEqualTo(409);

        began(jdbc, Duration.ofMinutes(1));
        assertThat(post(program, ORDER.formatted(key)).status()).isEqualTo(202);
    }

    @Test
    void keysExpireAfterADay(Program program) {
        post(program, ORDER.formatted(key));
        began(jdbc(program), Duration.ofHours(25));

        assertThat(post(program, ORDER.formatted(key + "-other")).status()).isEqualTo(202);
    }

    @Test
    void repeatsTheWholeAnswerOfAnArray(Program program) {
        Answer first = send(program, "/api/v1/events", "[{\"value\":1},{\"topic\":\"nowhere\",\"value\":2}]");
        Answer second = send(program, "/api/v1/events", "[{\"value\":1},{\"topic\":\"nowhere\",\"value\":2}]");

        assertThat(first.status()).isEqualTo(207);
        assertThat(second.status()).isEqualTo(207);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(program.records().withMessageId("events", key + ".0")).hasSize(1);
    }

    private Answer post(Program program, String order) {
        return send(program, "/order", order);
    }

    private Answer send(Program program, String path, String json) {
        return program.http()
                .send("POST", path, json, Map.of("Content-Type", "application/json", "Idempotency-Key", key));
    }

    private void began(JdbcTemplate jdbc, Duration ago) {
        jdbc.update(
                "UPDATE idempotency_keys SET began_at = ? WHERE idempotency_key = ?",
                Timestamp.from(Instant.now().minus(ago)),
                key);
    }

    private static JdbcTemplate jdbc(Program program) {
        return new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
    }
}
