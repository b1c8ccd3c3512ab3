package dev.caravan.operations.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class OccupancyTest {

    private final Occupancy route = new Occupancy();

    @Test
    void anEmptyRouteHasNoOldMessage() {
        assertThat(route.isWithin(Duration.ZERO)).isTrue();
        assertThat(route.isWithin(Duration.ZERO)).isTrue();
    }

    @Test
    void aStayingMessageIsOldWhileOthersComeAndGo() {
        LongAdder stays = route.enter();
        for (int i = 0; i < 5; i++) {
            route.enter().decrement();
            assertThat(route.isWithin(Duration.ZERO)).isFalse();
        }

        stays.decrement();

        assertThat(route.isWithin(Duration.ZERO)).isTrue();
    }

    @Test
    void aBusyRouteHasNoOldMessageWhileMessagesLeave() {
        LongAdder first = route.enter();
        assertThat(route.isWithin(Duration.ZERO)).isFalse();
        LongAdder second = route.enter();
        first.decrement();

        assertThat(route.isWithin(Duration.ofHours(1))).isTrue();

        second.decrement();
    }
}
