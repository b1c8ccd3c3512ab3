package dev.caravan.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A consumer that does not poll within max.poll.interval.ms is removed from its group. */
class PollRecordsTest {

    private static final Duration LONGEST_DELAY = Duration.ofMinutes(4);

    @ParameterizedTest(name = "{0} attempts, {1} up to {2}")
    @CsvSource({"4, 100ms, 5s, 700", "1, 100ms, 5s, 0", "6, 100ms, 5s, 3100", "8, 1s, 5s, 27000", "2, 30s, 30s, 30000"})
    void aPollOfFailingRecordsEndsInTime(String attempts, String backoff, String longest, long waits) {
        Properties overrides = new Properties();
        overrides.setProperty("retry.attempts", attempts);
        overrides.setProperty("retry.backoff", backoff);
        overrides.setProperty("retry.backoff.max", longest);
        CamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setLocation("classpath:application.properties");
        context.getPropertiesComponent().setOverrideProperties(overrides);

        Properties derived = new Settings(context).derived();

        Duration interval = Duration.ofMillis(
                Long.parseLong(context.resolvePropertyPlaceholders("{{camel.component.kafka.max-poll-interval-ms}}")));
        long records = Long.parseLong(derived.getProperty("kafka.consumer.poll.records"));
        assertThat(records).isPositive();
        assertThat(Duration.ofMillis(records * waits)).isLessThan(interval);
        long late = Long.parseLong(derived.getProperty("retry.poll.records"));
        assertThat(late).isPositive();
        assertThat(LONGEST_DELAY.plusMillis(late * waits)).isLessThan(interval);
    }
}
