package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopBatcherTest {

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Context loop = vertx.getOrCreateContext();
    private final List<String> seen = new ArrayList<>();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void runsTasksAddedDuringABatchInTheNextOne() throws Exception {
        onLoop(eventLoopBatcher -> {
            for (String name : List.of("a", "b", "c")) {
                eventLoopBatcher.add(() -> {
                    seen.add(name + 1);
                    eventLoopBatcher.add(() -> seen.add(name + 2));
                });
            }
            seen.add("caller");
        });

        assertThat(after(2)).containsExactly("caller", "a1", "b1", "c1", "a2", "b2", "c2");
    }

    @Test
    void runsTasksOfOtherThreadsOnTheLoop() throws Exception {
        CompletableFuture<EventLoopBatcher> batcher = new CompletableFuture<>();
        onLoop(batcher::complete);
        CompletableFuture<Context> ran = new CompletableFuture<>();

        batcher.get().add(() -> ran.complete(Vertx.currentContext()));

        assertThat(ran.get(1, TimeUnit.MINUTES)).isSameAs(loop);
    }

    @Test
    void runsRemainingTasksAfterAnException() throws Exception {
        onLoop(eventLoopBatcher -> {
            eventLoopBatcher.add(() -> {
                throw new IllegalStateException("planted");
            });
            eventLoopBatcher.add(() -> seen.add("next"));
        });

        assertThat(after(2)).containsExactly("next");
    }

    @Test
    void splitsLongBatchesAndKeepsTheOrder() throws Exception {
        List<String> all = IntStream.range(0, 1000).mapToObj(Integer::toString).toList();

        onLoop(eventLoopBatcher -> all.forEach(each -> eventLoopBatcher.add(() -> seen.add(each))));

        assertThat(after(4)).isEqualTo(all);
    }

    private void onLoop(Consumer<EventLoopBatcher> action) {
        loop.runOnContext(now -> action.accept(EventLoopBatcher.current()));
    }

    /** The values seen after this number of batches. */
    private List<String> after(int batches) throws Exception {
        CompletableFuture<List<String>> result = new CompletableFuture<>();
        onLoop(eventLoopBatcher -> wait(eventLoopBatcher, batches, result));
        return result.get(1, TimeUnit.MINUTES);
    }

    private void wait(EventLoopBatcher eventLoopBatcher, int batches, CompletableFuture<List<String>> result) {
        if (batches == 0) {
            result.complete(List.copyOf(seen));
        } else {
            eventLoopBatcher.add(() -> wait(eventLoopBatcher, batches - 1, result));
        }
    }
}
