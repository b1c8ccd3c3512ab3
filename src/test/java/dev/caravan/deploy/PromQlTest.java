package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PromQlTest {

    @Test
    void returnsOnlyMetricNames() {
        assertThat(PromQl.metrics(
                        "histogram_quantile(0.99, sum by (route, le) (rate(a_bucket{route!~\"retry-.*\"}[5m]))) > 1"))
                .containsExactly("a_bucket");
        assertThat(PromQl.metrics(
                        "max by (topic) (b offset 15m) / on (instance) group_left (job) c and d unless e == 1e3"))
                .containsExactly("b", "c", "d", "e");
    }
}
