package dev.caravan.capability.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryScheduleTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final RetrySchedule schedule = new RetrySchedule("5s, 1m,10h");

    @ParameterizedTest(name = "attempt {0}, Retry-After {1}, random {2} -> {3}")
    @CsvSource({
        "1, 0, 0.5, 5000",
        "1, 0, 0.0, 4000",
        "1, 0, 1.0, 6000",
        "2, 0, 0.5, 60000",
        "3, 0, 0.5, 36000000",
        "1, 90000, 0.5, 90000",
        "3, 90000, 0.5, 36000000",
    })
    void pausesAreJitteredAndNotShorterThanRetryAfter(int attempts, long retryAfter, double random, long pause) {
        assertThat(schedule.pause(attempts, retryAfter, random)).hasValue(pause);
    }

    @Test
    void endsAfterTheLastPause() {
        assertThat(schedule.pause(4, 0, 0.5)).isEqualTo(OptionalLong.empty());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "none | 0",
                "120 | 120000",
                "Fri, 02 Jan 2026 03:05:05 GMT | 60000",
                "Fri, 02 Jan 2026 03:04:00 GMT | 0",
                "999999999 | 86400000",
                "soon | 0",
                "-5 | 0",
            })
    void readsRetryAfter(String header, long millis) {
        assertThat(RetrySchedule.retryAfter(header, NOW)).isEqualTo(millis);
    }
}
