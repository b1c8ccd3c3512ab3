package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class HttpOperationTest {

    private final HttpOperation operation = new HttpOperation();
    private final List<String> seen = new ArrayList<>();

    @Test
    void passesRequestsToTheLatestRoute() {
        operation.mount(request -> seen.add("first"), () -> {});
        operation.mount(request -> seen.add("second"), () -> {});

        operation.enter(() -> seen.add("again")).accept(null);

        assertThat(seen).containsExactly("second");
    }

    @Test
    void retriesHeldRequestsOnceItOpens() {
        operation.mount(request -> seen.add("in"), () -> {});
        operation.hold();

        assertThat(operation.enter(() -> seen.add("again"))).isNull();
        assertThat(seen).isEmpty();

        operation.open();
        assertThat(seen).containsExactly("again");
    }

    @Test
    void isEmptyOnceAllRequestsHaveLeft() throws Exception {
        operation.mount(request -> {}, () -> {});
        operation.enter(() -> {});
        operation.hold();
        CompletableFuture<Void> empty = CompletableFuture.runAsync(() -> {
            try {
                operation.awaitEmpty(TimeUnit.SECONDS.toNanos(30));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThatThrownBy(() -> operation.awaitEmpty(0)).isInstanceOf(TimeoutException.class);

        operation.leave();

        assertThat(empty).succeedsWithin(30, TimeUnit.SECONDS);
    }

    @Test
    void delaysActionsUntilItOpens() {
        operation.hold();
        operation.whenOpen(() -> seen.add("later"));
        assertThat(seen).isEmpty();

        operation.open();
        operation.whenOpen(() -> seen.add("now"));

        assertThat(seen).containsExactly("later", "now");
    }
}
