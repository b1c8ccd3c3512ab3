package dev.caravan.operations.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.kafka.ConsumerThread.Phase;
import dev.caravan.platform.kafka.ConsumerThread.Snapshot;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTest {

    private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(45);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    /**
     * A reader is written as its phase and for how many seconds it lasts; one that does not run has a minus before it, one that its group has
     * not taken has a word behind it.
     */
    @ParameterizedTest(name = "{1} of {0} readers, absent {2} s, gave up {3}: {4}")
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | POLLING 0               | 0  | false | POLLING",
                "1 | POLLING 30              | 0  | false | POLLING",
                "1 | POLLING 31              | 0  | false | STUCK",
                "1 | WORKING 1               | 0  | false | WORKING",
                "1 | WORKING 45              | 0  | false | WORKING",
                "1 | WORKING 46              | 0  | false | STUCK",
                // A record of the last retry topic waits a minute, and one whose database is away three.
                "1 | WAITING 60              | 0  | false | WORKING",
                "1 | WAITING 240             | 0  | false | WORKING",
                "1 | WAITING 301             | 0  | false | STUCK",
                "1 | CONNECTING 1            | 0  | false | CONNECTING",
                // As long as the brokers' names are not known, say: Camel tries on.
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
    void isThatOfTheWorstThread(int expected, String readers, long absent, boolean gaveUp, Condition condition) {
        List<Snapshot> seen = readers == null
                ? List.of()
                : Arrays.stream(readers.split(", ")).map(ConditionTest::seen).toList();

        assertThat(Condition.of(expected, gaveUp, seen, Duration.ofSeconds(absent), LONGEST_ATTEMPT, LONGEST_WAIT))
                .isEqualTo(condition);
    }

    private static Snapshot seen(String text) {
        String[] parts = text.split(" ");
        return new Snapshot(
                !text.startsWith("-"),
                Phase.valueOf(parts[0].replace("-", "")),
                Duration.ofSeconds(Long.parseLong(parts[1])),
                1,
                parts.length < 3);
    }
}
