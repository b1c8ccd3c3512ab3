package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {

    @ParameterizedTest
    @CsvSource({
        "2026-01-02T03:04:05Z,2026-01-02T03:04:05Z",
        "2026-01-02t03:04:05z,2026-01-02T03:04:05Z",
        "2026-01-02 03:04:05Z,2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05-00:00,2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05+16:00,2026-01-01T11:04:05Z",
        "2026-01-02T03:04:05-23:59,2026-01-03T03:03:05Z",
        "2026-01-02T03:04:05.123456789987654321Z,2026-01-02T03:04:05.123456789Z",
        "2016-12-31T23:59:60Z,2017-01-01T00:00:00Z",
        "2016-12-31T23:59:60.5Z,2017-01-01T00:00:00.500Z",
        "1990-12-31T15:59:60-08:00,1991-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z,0001-01-01T00:00:00Z",
        "2024-02-29T00:00:00Z,2024-02-29T00:00:00Z",
    })
    void convertsToUtc(String text, String stored) {
        assertThat(Rfc3339.utc(text)).isEqualTo(stored);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000-01-01T00:00:00Z",
                "0001-01-01T00:00:00+00:01",
                "9999-12-31T23:59:59-00:01",
                "9999-12-31T23:59:60Z",
                "2026-01-02T03:04:05",
                "2026-01-02",
                "2026-01-02T03:04Z",
                "2026-01-02T03:04:05.Z",
                "2026-01-02T24:00:00Z",
                "2026-01-02T03:04:05+24:00",
                "2026-01-02T03:04:05+0100",
                "2025-02-29T00:00:00Z",
                "2026-13-01T00:00:00Z",
                "2026-01-02T03:04:60Z",
                "2026-01-15T23:59:60Z",
                "2026-01-02T03:04:61Z",
                "now",
                ""
            })
    void rejectsInvalidTimestamps(String text) {
        assertThat(Rfc3339.parse(text)).isEmpty();
    }
}
