package dev.caravan.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class DoorTest {

    private final Door door = new Door();
    private final List<String> came = new ArrayList<>();

    @Test
    void leadsToTheLastRoute() {
        door.lead(request -> came.add("first"));
        door.lead(request -> came.add("second"));

        door.enter(() -> came.add("again")).accept(null);

        assertThat(came).containsExactly("second");
    }

    @Test
    void whoComesWhileItIsHeldComesAgainOnceItOpens() {
        door.lead(request -> came.add("in"));
        door.hold();

        assertThat(door.enter(() -> came.add("again"))).isNull();
        assertThat(came).isEmpty();

        door.open();
        assertThat(came).containsExactly("again");
    }

    @Test
    void isEmptyOnceAllWhoEnteredHaveLeft() throws Exception {
        door.lead(request -> {});
        door.enter(() -> {});
        door.hold();
        CompletableFuture<Void> empty = CompletableFuture.runAsync(() -> {
            try {
                door.awaitEmpty(TimeUnit.SECONDS.toNanos(30));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThatThrownBy(() -> door.awaitEmpty(0)).isInstanceOf(TimeoutException.class);

        door.leave();

        assertThat(empty).succeedsWithin(30, TimeUnit.SECONDS);
    }

    @Test
    void whatMayOnlyHappenWhileItIsOpenWaitsForIt() {
        door.hold();
        door.whenOpen(() -> came.add("then"));
        assertThat(came).isEmpty();

        door.open();
        door.whenOpen(() -> came.add("now"));

        assertThat(came).containsExactly("then", "now");
    }
}
