package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.Postgres;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** An accepted order timestamp is stored and returned byte for byte, on both databases. */
@ExtendWith(CaravanExtension.class)
class TimestampsIT {

    /** Text of RFC 3339 → whether it is accepted. */
    private static final Map<String, Boolean> TIMESTAMPS = new LinkedHashMap<>();

    static {
        for (String accepted : new String[] {
            "2026-01-02t03:04:05z",
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.5Z",
            "1990-12-31T15:59:60-08:00",
            "2026-01-02T03:04:05+16:00",
            "2026-01-02T03:04:05+18:00",
            "2026-01-02T03:04:05-23:59",
            "2026-01-02T03:04:05-00:00",
            "2026-01-02T03:04:05.1234567899999Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z"
        }) {
            TIMESTAMPS.put(accepted, true);
        }
        for (String rejected : new String[] {"0000-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2026-01-02T03:04:60Z"}) {
            TIMESTAMPS.put(rejected, false);
        }
    }

    private final String id = UUID.randomUUID().toString();

    @Test
    void storesAcceptedTimestampsOnH2(Program program) {
        storesAcceptedTimestamps(program);
    }

    @Test
    void storesAcceptedTimestampsOnPostgres(@TempDir Path folder) throws Exception {
        try (Postgres postgres = Postgres.start(folder.resolve("postgres"));
                EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
                Program program = Program.on(
                                broker.bootstrapServers(),
                                Map.of("database.url", postgres.url(), "database.user", postgres.user()))
                        .untilReady()) {
            storesAcceptedTimestamps(program);
        }
    }

    private void storesAcceptedTimestamps(Program program) {
        TIMESTAMPS.forEach((timestamp, accepted) -> assertThat(
                        program.http().postJson("/order", order(timestamp)).status())
                .as(timestamp)
                .isEqualTo(accepted ? 202 : 400));
        TIMESTAMPS.forEach((timestamp, accepted) -> {
            if (accepted) {
                await().untilAsserted(() -> {
                    Answer stored = program.http().get("/order/" + id(timestamp));
                    assertThat(stored.body()).as(timestamp).isEqualTo(order(timestamp));
                });
            }
        });
        JdbcTemplate jdbc =
                new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
        assertThat(jdbc.queryForObject(
                        "SELECT COUNT(*) FROM orders WHERE id = ? AND placed_at = TIMESTAMP WITH TIME ZONE '2026-01-01 11:04:05+00'",
                        Integer.class,
                        id("2026-01-02T03:04:05+16:00")))
                .isOne();
    }

    private String id(String timestamp) {
        return id + timestamp.replaceAll("[^0-9a-z]", "-");
    }

    private String order(String timestamp) {
        return "{\"id\":\"" + id(timestamp) + "\",\"user_id\":\"u\",\"total\":1,\"status\":\"s\",\"timestamp\":\""
                + timestamp + "\"}";
    }
}
