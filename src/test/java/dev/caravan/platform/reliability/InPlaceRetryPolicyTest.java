package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InPlaceRetryPolicyTest {

    @ParameterizedTest(name = "{0} attempts, {1} doubling up to {2}: {3}")
    @CsvSource({
        "4, 100ms, 5s,    100 200 400",
        "1, 100ms, 5s,    ''",
        "2, 100ms, 5s,    100",
        "9, 100ms, 5s,    100 200 400 800 1600 3200 5000 5000",
        "4, 2s,    5s,    2000 4000 5000",
        "3, 0ms,   5s,    0 0",
        "3, 10s,   5s,    5000 5000",
    })
    void doublesThePauseUpToTheMaximum(int attempts, String backoff, String max, String pauses) {
        InPlaceRetryPolicy policy = new InPlaceRetryPolicy();
        policy.setAttempts(attempts);
        policy.setBackoff(backoff);
        policy.setBackoffMax(max);

        assertThat(pauses(policy))
                .isEqualTo(Arrays.stream(pauses.split(" "))
                        .filter(each -> !each.isEmpty())
                        .map(Long::valueOf)
                        .toList());
    }

    @Test
    void redeliversOnTheSameThread() {
        assertThat(new InPlaceRetryPolicy().isAsyncDelayedRedelivery()).isFalse();
    }

    private static List<Long> pauses(InPlaceRetryPolicy policy) {
        List<Long> pauses = new ArrayList<>();
        long pause = 0;
        for (int retry = 1; retry <= policy.getMaximumRedeliveries(); retry++) {
            pause = policy.calculateRedeliveryDelay(pause, retry);
            pauses.add(pause);
        }
        return pauses;
    }
}
