package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code deploy/prometheus}, as Prometheus' own tool sees it. */
class PrometheusTest {

    @BeforeAll
    static void findPromtool() throws InterruptedException {
        boolean found = ExternalTool.succeeds("promtool", "--version");
        String message =
                "promtool is not on the PATH (Debian: package prometheus), so deploy/prometheus is not checked";
        if ("true".equals(System.getenv("CI"))) {
            assertThat(found).as(message).isTrue();
        }
        assumeTrue(found, message);
    }

    @Test
    void theConfigurationIsValid() throws Exception {
        promtool("check", "config", "deploy/prometheus/prometheus.yml");
        // Its rules are mounted beside it.
        promtool("check", "config", "--syntax-only", "deploy/compose/prometheus.yml");
    }

    @Test
    void theRulesAreValid() throws Exception {
        promtool("check", "rules", "deploy/prometheus/alerts.yml");
    }

    @Test
    void eachAlertFiresWhenItShouldAndNotBefore() throws Exception {
        promtool("test", "rules", "deploy/prometheus/alerts.test.yml");
    }

    private static void promtool(String... arguments) throws Exception {
        Process process = new ProcessBuilder(Stream.concat(Stream.of("promtool"), Arrays.stream(arguments))
                        .toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
    }
}
