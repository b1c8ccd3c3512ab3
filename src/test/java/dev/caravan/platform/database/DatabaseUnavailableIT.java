package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.Postgres;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database becomes unavailable while records arrive, and then available again. */
class DatabaseUnavailableIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"u\",\"total\":1,\"status\":\"s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";

    @TempDir
    Path folder;

    @Test
    void consumersWaitAndNoRecordFails() throws Exception {
        int port = CaravanExtension.freePort();
        Postgres postgres = Postgres.start(folder.resolve("postgres"), port);
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
                Program program = Program.on(
                                broker.bootstrapServers(),
                                Map.of("database.url", postgres.url(), "database.user", postgres.user()))
                        .untilReady()) {
            program.http().postJson("/order", ORDER.formatted("before"));
            await().untilAsserted(() ->
                    assertThat(program.http().get("/order/before").status()).isEqualTo(200));

            postgres.close();
            for (int i = 0; i < 5; i++) {
                assertThat(program.http()
                                .postJson("/order", ORDER.formatted("while-" + i))
                                .status())
                        .isEqualTo(202);
                program.records()
                        .write("comments-dlq", "dead-" + i, new byte[] {'x'}, Map.of("MessageID", "dead-" + i));
            }
            Answer read = program.http().get("/order/before");
            assertThat(read.status()).isEqualTo(503);
            assertThat(read.header("Retry-After")).isNotNull();
            await().untilAsserted(() -> {
                Answer ready = program.management().get("/observe/health/ready");
                assertThat(ready.body()).contains("\"name\":\"database\",\"status\":\"DOWN\"");
                assertThat(ready.status()).isEqualTo(200);
            });
            await().untilAsserted(() -> assertThat(
                            program.management().get("/observe/metrics").body())
                    .contains("caravan_database_up 0.0"));
            // The consumer has read a record during the outage and has not committed it.
            await().untilAsserted(() -> assertThat(program.records().lag("caravan-orders", "orders"))
                    .isPositive());

            postgres = Postgres.start(folder.resolve("postgres"), port);
            for (int i = 0; i < 5; i++) {
                String id = "while-" + i;
                await().untilAsserted(() ->
                        assertThat(program.http().get("/order/" + id).status()).isEqualTo(200));
            }
            await().untilAsserted(() -> assertThat(program.http()
                            .get("/api/v1/dead-letters?topic=comments")
                            .json()
                            .path("items"))
                    .hasSize(5));
            assertThat(program.records().of("orders-retry-1", record -> true)).isEmpty();
            assertThat(program.records().of("orders-dlq", record -> true)).isEmpty();
        } finally {
            postgres.close();
        }
    }
}
