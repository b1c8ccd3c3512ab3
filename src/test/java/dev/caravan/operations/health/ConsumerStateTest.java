package dev.caravan.operations.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.kafka.ConsumerThread.Phase;
import dev.caravan.platform.kafka.ConsumerThread.Snapshot;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsumerStateTest {

    private static final Duration MAX_ATTEMPT = Duration.ofSeconds(45);
    private static final Duration MAX_WAIT = Duration.ofMinutes(5);

    /** A thread is written as its phase with the duration in seconds. A minus before it means that it has ended. */
    @ParameterizedTest(name = "{1} of {0} threads, absent {2} s, terminated {3}: {4}")
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | POLLING 0               | 0  | false | POLLING",
                "1 | POLLING 30              | 0  | false | POLLING",
                "1 | POLLING 31              | 0  | false | STUCK",
                "1 | WORKING 1               | 0  | false | WORKING",
                "1 | WORKING 45              | 0  | false | WORKING",
                "1 | WORKING 46              | 0  | false | STUCK",
                // A record of the last retry topic waits for a minute; one without a database for three.
                "1 | WAITING 60              | 0  | false | WORKING",
                "1 | WAITING 240             | 0  | false | WORKING",
                "1 | WAITING 301             | 0  | false | STUCK",
                "1 | CONNECTING 1            | 0  | false | CONNECTING",
                // Camel retries, for example while the names of the brokers do not resolve.
                "1 | CONNECTING 3600         | 0  | false | CONNECTING",
                "1 |                         | 0  | false | CONNECTING",
                "1 |                         | 30 | false | CONNECTING",
                "1 |                         | 31 | false | ENDED",
                "1 |                         | 0  | true  | ENDED",
                "1 | POLLING 1               | 0  | true  | ENDED",
                "1 | -POLLING 1              | 0  | false | ENDED",
                "1 | -WORKING 1              | 0  | false | ENDED",
                "2 | POLLING 1, POLLING 2    | 0  | false | POLLING",
                "2 | POLLING 1, WORKING 2    | 0  | false | WORKING",
                "2 | WORKING 1, CONNECTING 2 | 0  | false | CONNECTING",
                "2 | POLLING 1               | 9  | false | CONNECTING",
                "2 | POLLING 1               | 31 | false | ENDED",
                "1 | POLLING 1 outside       | 30 | false | CONNECTING",
                "1 | POLLING 1 outside       | 31 | false | OUTSIDE",
                "2 | POLLING 1, POLLING 31   | 0  | false | STUCK",
                "2 | POLLING 1, -POLLING 31  | 0  | false | ENDED",
            })
    void isThatOfTheWorstThread(int expected, String threads, long absent, boolean terminated, ConsumerState state) {
        List<Snapshot> snapshots = threads == null
                ? List.of()
                : Arrays.stream(threads.split(", "))
                        .map(ConsumerStateTest::snapshot)
                        .toList();

        assertThat(ConsumerState.of(expected, terminated, snapshots, Duration.ofSeconds(absent), MAX_ATTEMPT, MAX_WAIT))
                .isEqualTo(state);
    }

    private static Snapshot snapshot(String text) {
        String[] parts = text.split(" ");
        return new Snapshot(
                !text.startsWith("-"),
                Phase.valueOf(parts[0].replace("-", "")),
                Duration.ofSeconds(Long.parseLong(parts[1])),
                1,
                parts.length < 3);
    }
}
