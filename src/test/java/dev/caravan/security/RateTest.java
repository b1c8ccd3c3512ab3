package dev.caravan.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.caravan.edge.Problem;
import org.junit.jupiter.api.Test;

class RateTest {

    private final Rate rate = new Rate(5);

    @Test
    void aCallerHasItsShareAndTakesNobodyElses() {
        Problem refused = null;
        int admitted = 0;
        for (int i = 0; i < 1_000; i++) {
            try {
                rate.admit(1L);
                admitted++;
            } catch (Problem problem) {
                refused = problem;
            }
        }

        assertThat(admitted).isGreaterThanOrEqualTo(5);
        assertThat(refused).isNotNull();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.retryAfter()).isPositive();
        assertThatCode(() -> rate.admit(2L)).doesNotThrowAnyException();
        assertThatCode(() -> rate.admit("127.0.0.1")).doesNotThrowAnyException();
    }

    @Test
    void askingWhatIsLeftTakesNothingOfIt() {
        for (int i = 0; i < 1_000; i++) {
            rate.requireLeft("quiet");
        }
        for (int i = 0; i < 5; i++) {
            rate.admit("quiet");
        }
    }
}
