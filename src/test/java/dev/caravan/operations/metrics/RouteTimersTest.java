package dev.caravan.operations.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RouteTimersTest {

    /** Cumulative counts of the buckets up to 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500 and 10000 ms. */
    private static final double[] COUNTS = {50, 90, 90, 100, 100, 100, 100, 100, 100, 100, 100};

    @Test
    void quantilesAreInterpolatedWithinABucket() {
        assertThat(RouteTimers.quantile(25, COUNTS)).isEqualTo(0.5);
        assertThat(RouteTimers.quantile(70, COUNTS)).isEqualTo(3.0);
        assertThat(RouteTimers.quantile(95, COUNTS)).isEqualTo(17.5);
    }

    @Test
    void quantilesBeyondTheLastBucketAreItsUpperBound() {
        assertThat(RouteTimers.quantile(101, COUNTS)).isEqualTo(10_000);
    }
}
