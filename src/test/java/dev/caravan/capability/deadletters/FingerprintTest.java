package dev.caravan.capability.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FingerprintTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "attempt 16 fails, attempt 3 fails",
                "no user 7 in \"Berlin\", no user 8 in \"Rome\"",
                "order 01996f2c-aaaa-7000-8000-000000000001 is gone, order 01996f2c-bbbb-7000-8000-000000000002 is gone",
                "the host db-1:5432 is away, the host db-22:5433 is away"
            })
    void whatDiffersFromRecordToRecordMakesNoOtherKind(String one, String other) {
        assertThat(Fingerprint.of("orders", "E", one)).isEqualTo(Fingerprint.of("orders", "E", other));
    }

    @Test
    void differsForAnotherTopicExceptionOrReason() {
        assertThat(Fingerprint.of("orders", "E", "it fails"))
                .hasSize(16)
                .isNotEqualTo(Fingerprint.of("comments", "E", "it fails"))
                .isNotEqualTo(Fingerprint.of("orders", "F", "it fails"))
                .isNotEqualTo(Fingerprint.of("orders", "E", "it failed"));
    }
}
