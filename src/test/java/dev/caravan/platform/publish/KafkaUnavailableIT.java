package dev.caravan.platform.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka becomes unavailable under many concurrent requests, and then available again. */
class KafkaUnavailableIT {

    private static final int CALLERS = 500;
    /** Vert.x's worker threads. */
    private static final int WORKERS = 20;

    @TempDir
    Path folder;

    @Test
    void everyCallerIsAnsweredAndPublishingResumes() throws Exception {
        int port = CaravanExtension.freePort();
        EmbeddedBroker broker = EmbeddedBroker.start(folder, port);
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (Program program = Program.on("127.0.0.1:" + port, Map.of("publish.timeout", "2s"))) {
            await().untilAsserted(
                            () -> assertThat(order(program, "before").status()).isEqualTo(202));
            await().untilAsserted(() ->
                    assertThat(program.http().get("/order/before").status()).isEqualTo(200));
            broker.close();

            List<CompletableFuture<Answer>> answers = IntStream.range(0, CALLERS)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> order(program, "while-" + i), callers))
                    .toList();
            for (CompletableFuture<Answer> each : answers) {
                Answer answer = each.get(60, TimeUnit.SECONDS);
                assertThat(answer.status()).isEqualTo(500);
                assertThat(answer.header("Retry-After")).isNotNull();
            }
            assertThat(program.http().get("/order/before").status()).isEqualTo(200);

            broker = EmbeddedBroker.start(folder, port);
            await().untilAsserted(
                            () -> assertThat(order(program, "after").status()).isEqualTo(202));
            await().untilAsserted(() ->
                    assertThat(program.http().get("/order/after").status()).isEqualTo(200));
        } finally {
            callers.shutdownNow();
            broker.close();
        }
    }

    @Test
    void readsDoNotWaitBehindPublishingRequests() throws Exception {
        int port = CaravanExtension.freePort();
        EmbeddedBroker broker = EmbeddedBroker.start(folder, port);
        ExecutorService callers = Executors.newFixedThreadPool(2 * WORKERS);
        try (Program program = Program.on("127.0.0.1:" + port, Map.of("publish.timeout", "60s"))) {
            await().untilAsserted(
                            () -> assertThat(order(program, "before").status()).isEqualTo(202));
            await().untilAsserted(() ->
                    assertThat(program.http().get("/order/before").status()).isEqualTo(200));
            broker.close();

            List<Future<Answer>> waiting = IntStream.range(0, 2 * WORKERS)
                    .mapToObj(i -> callers.submit(() -> order(program, "while-" + i)))
                    .toList();
            await().until(() ->
                    program.caravan().context().getInflightRepository().size() > WORKERS);

            assertThat(program.http().get("/order/before").status()).isEqualTo(200);
            assertThat(waiting).as("answered callers").noneMatch(Future::isDone);
            // So that the stop does not wait for them.
            broker = EmbeddedBroker.start(folder, port);
        } finally {
            callers.shutdownNow();
            broker.close();
        }
    }

    private static Answer order(Program program, String id) {
        return program.http()
                .postJson(
                        "/order",
                        "{\"id\":\"" + id
                                + "\",\"user_id\":\"u\",\"total\":1,\"status\":\"s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}");
    }
}
