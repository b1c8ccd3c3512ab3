package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class DrainingProcessorTest {

    private final DrainingProcessor drainingProcessor = new DrainingProcessor();
    private final List<String> came = new ArrayList<>();

    @Test
    void leadsToTheLastRoute() {
        drainingProcessor.setRoute(request -> came.add("first"));
        drainingProcessor.setRoute(request -> came.add("second"));

        drainingProcessor.enter(() -> came.add("again")).accept(null);

        assertThat(came).containsExactly("second");
    }

    @Test
    void whoComesWhileItIsHeldComesAgainOnceItOpens() {
        drainingProcessor.setRoute(request -> came.add("in"));
        drainingProcessor.hold();

        assertThat(drainingProcessor.enter(() -> came.add("again"))).isNull();
        assertThat(came).isEmpty();

        drainingProcessor.open();
        assertThat(came).containsExactly("again");
    }

    @Test
    void isEmptyOnceAllWhoEnteredHaveLeft() throws Exception {
        drainingProcessor.setRoute(request -> {});
        drainingProcessor.enter(() -> {});
        drainingProcessor.hold();
        CompletableFuture<Void> empty = CompletableFuture.runAsync(() -> {
            try {
                drainingProcessor.awaitEmpty(TimeUnit.SECONDS.toNanos(30));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThatThrownBy(() -> drainingProcessor.awaitEmpty(0)).isInstanceOf(TimeoutException.class);

        drainingProcessor.leave();

        assertThat(empty).succeedsWithin(30, TimeUnit.SECONDS);
    }

    @Test
    void whatMayOnlyHappenWhileItIsOpenWaitsForIt() {
        drainingProcessor.hold();
        drainingProcessor.whenOpen(() -> came.add("then"));
        assertThat(came).isEmpty();

        drainingProcessor.open();
        drainingProcessor.whenOpen(() -> came.add("now"));

        assertThat(came).containsExactly("then", "now");
    }
}
