package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RequestSlotTest {

    private final AtomicInteger requests = new AtomicInteger(1);
    private final RequestSlot slot = new RequestSlot(requests);

    @Test
    void aCancelledRequestCountsUntilItsRouteEnds() {
        slot.routeBegins();
        slot.requestEnds();
        assertThat(requests).hasValue(1);

        slot.routeEnds();
        assertThat(requests).hasValue(0);
    }

    @Test
    void anAnsweredRequestCountsOnce() {
        slot.routeBegins();
        slot.routeEnds();
        assertThat(requests).hasValue(1);

        slot.requestEnds();
        slot.requestEnds();
        assertThat(requests).hasValue(0);
    }
}
