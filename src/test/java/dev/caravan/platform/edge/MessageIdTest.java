package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MessageIdTest {

    private static final String[] NAMES = {"Idempotency-Key", "Message-ID"};

    @ParameterizedTest(name = "{0}, {1} -> {2}")
    @CsvSource({"key, id, key", "key,   , key", "   , id, id"})
    void prefersTheClientsId(String idempotencyKey, String messageId, String expected) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Idempotency-Key", idempotencyKey);
        headers.put("Message-ID", messageId);
        headers.put("ce-id", "ce");

        assertThat(MessageId.of(headers::get)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} and {1} -> {2}")
    @CsvSource({
        "/sensor/a, 1, /sensor/a|1",
        "/sensor/b, 1, /sensor/b|1",
        "/a|b, c, /a%7Cb|c",
        "/a, b|c, /a|b%7Cc",
        "/a%7Cb, c, /a%257Cb|c",
        "urn:x#y, ü z, urn:x#y|%C3%BC%20z",
    })
    void combinesSourceAndIdOfACloudEvent(String source, String id, String expected) {
        assertThat(MessageId.ofCloudEvent(source, id)).isEqualTo(expected);
        assertThat(MessageId.isValid(expected)).isTrue();
    }

    @Test
    void longCloudEventIdsStayUnique() {
        String longest = "x".repeat(127);
        assertThat(MessageId.ofCloudEvent(longest, longest)).isEqualTo(longest + "|" + longest);

        String source = "/" + "s".repeat(300);
        Set<String> names = new HashSet<>();
        for (String each : new String[] {source, source + "a", source + "b"}) {
            for (String id : new String[] {"1", "2", "é".repeat(300), "é".repeat(301)}) {
                String name = MessageId.ofCloudEvent(each, id);
                assertThat(MessageId.isValid(name)).as(name).isTrue();
                names.add(name);
            }
        }
        assertThat(names).hasSize(12);
    }

    @Test
    void createsAUuidOfVersion7() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            UUID id = UUID.fromString(MessageId.of(name -> null));
            assertThat(id.version()).isEqualTo(7);
            assertThat(id.variant()).isEqualTo(2);
            assertThat(Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16))
                    .isBetween(
                            Instant.now().minus(Duration.ofMinutes(1)),
                            Instant.now().plus(Duration.ofMinutes(1)));
            ids.add(id.toString());
        }
        assertThat(ids).hasSize(1_000);
    }

    static Stream<String> invalid() {
        return Stream.of("", " ", "a b", " a", "a\n", "\na", "a\tb", "a\u0000", "a\u007f", "é", "日", "x".repeat(256));
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void rejectsAnythingButVisibleAscii(String given) {
        for (String name : NAMES) {
            ProblemException problemException =
                    catchThrowableOfType(ProblemException.class, () -> MessageId.of(Map.of(name, given)::get));

            assertThat(problemException.status()).isEqualTo(400);
            assertThat(problemException).hasMessage(name + " must be 1 to 255 visible ASCII characters.");
        }
    }

    static Stream<String> valid() {
        return Stream.of("a", "!", "~", "0", "a/b+c=d?e&f", "{\"a\":1}", "x".repeat(255));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void acceptsVisibleAscii(String given) {
        assertThat(MessageId.of(Map.of("Message-ID", given)::get)).isEqualTo(given);
    }
}
