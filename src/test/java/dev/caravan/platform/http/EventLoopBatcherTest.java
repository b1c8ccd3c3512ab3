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
    void everybodyTakesAStepBeforeAnybodyTakesTheNext() throws Exception {
        onLoop(eventLoopBatcher -> {
            for (String name : List.of("a", "b", "c")) {
                eventLoopBatcher.add(() -> {
                    seen.add(name + 1);
                    eventLoopBatcher.add(() -> seen.add(name + 2));
                });
            }
            seen.add("the one that asks");
        });

        assertThat(after(2)).containsExactly("the one that asks", "a1", "b1", "c1", "a2", "b2", "c2");
    }

    @Test
    void whatAnotherThreadAddsIsDoneOnTheLoop() throws Exception {
        CompletableFuture<EventLoopBatcher> turn = new CompletableFuture<>();
        onLoop(turn::complete);
        CompletableFuture<Context> ran = new CompletableFuture<>();

        turn.get().add(() -> ran.complete(Vertx.currentContext()));

        assertThat(ran.get(1, TimeUnit.MINUTES)).isSameAs(loop);
    }

    @Test
    void anExceptionKeepsNoOtherFromItsTurn() throws Exception {
        onLoop(eventLoopBatcher -> {
            eventLoopBatcher.add(() -> {
                throw new IllegalStateException("planted");
            });
            eventLoopBatcher.add(() -> seen.add("the next one"));
        });

        assertThat(after(2)).containsExactly("the next one");
    }

    @Test
    void aLongTurnIsDoneInPartsAndInOrder() throws Exception {
        List<String> all = IntStream.range(0, 1000).mapToObj(Integer::toString).toList();

        onLoop(eventLoopBatcher -> all.forEach(each -> eventLoopBatcher.add(() -> seen.add(each))));

        assertThat(after(4)).isEqualTo(all);
    }

    private void onLoop(Consumer<EventLoopBatcher> asks) {
        loop.runOnContext(now -> asks.accept(EventLoopBatcher.current()));
    }

    /** What was seen once so many turns are over. */
    private List<String> after(int turns) throws Exception {
        CompletableFuture<List<String>> over = new CompletableFuture<>();
        onLoop(eventLoopBatcher -> wait(eventLoopBatcher, turns, over));
        return over.get(1, TimeUnit.MINUTES);
    }

    private void wait(EventLoopBatcher eventLoopBatcher, int turns, CompletableFuture<List<String>> over) {
        if (turns == 0) {
            over.complete(List.copyOf(seen));
        } else {
            eventLoopBatcher.add(() -> wait(eventLoopBatcher, turns - 1, over));
        }
    }
}
