package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Checks {@code deploy/prometheus} with promtool. */
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
    void configurationIsValid() throws Exception {
        promtool("check", "config", "deploy/prometheus/prometheus.yml");
        // The rules are mounted in the same folder.
        promtool("check", "config", "--syntax-only", "deploy/compose/prometheus.yml");
    }

    @Test
    void rulesAreValid() throws Exception {
        promtool("check", "rules", "deploy/prometheus/alerts.yml");
    }

    @Test
    void eachAlertFiresWhenItShould() throws Exception {
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
