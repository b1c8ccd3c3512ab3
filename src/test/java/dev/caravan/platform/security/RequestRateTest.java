package dev.caravan.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.caravan.platform.edge.ProblemException;
import org.junit.jupiter.api.Test;

class RequestRateTest {

    private final RequestRate requestRate = new RequestRate(5);

    @Test
    void limitsEachCallerSeparately() {
        ProblemException refused = null;
        int admitted = 0;
        for (int i = 0; i < 1_000; i++) {
            try {
                requestRate.admit(1L);
                admitted++;
            } catch (ProblemException problemException) {
                refused = problemException;
            }
        }

        assertThat(admitted).isGreaterThanOrEqualTo(5);
        assertThat(refused).isNotNull();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.retryAfter()).isPositive();
        assertThatCode(() -> requestRate.admit(2L)).doesNotThrowAnyException();
        assertThatCode(() -> requestRate.admit("127.0.0.1")).doesNotThrowAnyException();
    }

    @Test
    void checkingTheRateDoesNotCount() {
        for (int i = 0; i < 1_000; i++) {
            requestRate.requireLeft("quiet");
        }
        for (int i = 0; i < 5; i++) {
            requestRate.admit("quiet");
        }
    }
}
