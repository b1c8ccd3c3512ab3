package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large requests while Kafka accepts data but acknowledges nothing. */
class StalledKafkaIT {

    private static final int CALLERS = 40;
    private static final String LARGE = "{\"value\":\"" + "x".repeat(1_000_000) + "\"}";

    @TempDir
    Path folder;

    @Test
    void fullBufferAnswers503WithoutBlockingTheEventLoop() throws Exception {
        int port = CaravanExtension.freePort();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (Proxy proxy = Proxy.start(0, port);
                EmbeddedBroker broker = EmbeddedBroker.start(
                        folder.resolve("kafka"),
                        port,
                        Map.of("advertised.listeners", "CLIENTS://127.0.0.1:" + proxy.port()));
                // One event loop for reading and publishing requests.
                Program program = Program.on(
                        "127.0.0.1:" + proxy.port(),
                        Map.of(
                                "publish.timeout", "30s",
                                "camel.beans.oneLoop", "#class:io.vertx.core.VertxOptions",
                                "camel.beans.oneLoop.eventLoopPoolSize", "1"))) {
            await().untilAsserted(() ->
                    assertThat(event(program, "{\"value\":1}").status()).isEqualTo(202));
            await().untilAsserted(() ->
                    assertThat(program.http().get("/api/v1/comments").status()).isEqualTo(200));

            proxy.silent(true);
            List<CompletableFuture<Answer>> answers = IntStream.range(0, CALLERS)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> event(program, LARGE), callers))
                    .toList();
            while (answers.stream().anyMatch(answer -> !answer.isDone())) {
                assertThat(loopsThatWaitForMemory()).isZero();
                assertThat(program.http().get("/api/v1/comments").status()).isEqualTo(200);
            }
            int refused = 0;
            for (CompletableFuture<Answer> each : answers) {
                Answer answer = each.get(60, TimeUnit.SECONDS);
                assertThat(answer.status()).isIn(500, 503);
                assertThat(answer.header("Retry-After")).isNotNull();
                refused += answer.status() == 503 ? 1 : 0;
            }

            assertThat(refused).isGreaterThan(CALLERS / 4);
            proxy.silent(false);
            await().untilAsserted(() ->
                    assertThat(event(program, "{\"value\":1}").status()).isEqualTo(202));
        } finally {
            callers.shutdownNow();
        }
    }

    /** Read from stack traces, because a measured time would depend on the load of the machine. */
    private static long loopsThatWaitForMemory() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith("vert.x-eventloop"))
                .filter(thread -> thread.getKey().getState() == Thread.State.TIMED_WAITING)
                .filter(thread -> Arrays.stream(thread.getValue())
                        .anyMatch(frame -> frame.getClassName().endsWith(".BufferPool")))
                .count();
    }

    private static Answer event(Program program, String json) {
        Http http = program.http();
        return http.postJson("/api/v1/events", json);
    }
}
