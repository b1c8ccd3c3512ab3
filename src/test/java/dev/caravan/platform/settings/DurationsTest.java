package dev.caravan.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "0ms, 0",
        "1ms, 1",
        "100ms, 100",
        "1500ms, 1500",
        "1s, 1000",
        "60s, 60000",
        "90s, 90000",
        "2m, 120000",
        "1h, 3600000",
        "7d, 604800000",
        "' 5s ', 5000",
        "250, 250",
        "0, 0"
    })
    void parsesDurations(String text, long millis) {
        assertThat(Durations.millis(text)).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "s",
                "-1s",
                "+1s",
                "1.5s",
                "1 s",
                "1S",
                "1sec",
                "1w",
                "1m30s",
                "PT1S",
                "one",
                "1s,2s",
                "٥s",
                "99999999999999999999s",
                "9223372036854775807s",
                "9223372036854775807h",
                "9223372036854775807d"
            })
    void rejectsOtherTexts(String text) {
        assertThatThrownBy(() -> Durations.millis(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
