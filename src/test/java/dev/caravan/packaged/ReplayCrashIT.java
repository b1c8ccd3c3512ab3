package dev.caravan.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.platform.crash.CrashPoint;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanProcess;
import dev.caravan.support.Http;
import dev.caravan.support.Records;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCrashIT {

    private static final String NOTIFICATION =
            "{\"from\":{\"id\":1,\"name\":\"Micho\"},\"to\":{\"id\":2,\"name\":\"Tito\"},\"message\":\"once\"}";

    /** The claim of a dead process expires after 5 s instead of 30 s. */
    private static final String OPTIONS = CaravanProcess.QUICK_START + " -Ddead.letter.claim.timeout=5s";

    @TempDir
    Path folder;

    @Test
    void aReplayRepeatedAfterACrashHasOneEffect() throws Exception {
        Map<String, String> settings =
                Map.of("KAFKA_EMBEDDED_PORT", Integer.toString(CaravanExtension.freePort()), "JAVA_OPTS", OPTIONS);
        String letter;
        try (CaravanProcess first = CaravanProcess.start(
                        folder,
                        with(settings, "JAVA_OPTS", OPTIONS + " -Dcaravan.crash=" + CrashPoint.REPLAYED + ":m1"))
                .untilReady()) {
            new Records("127.0.0.1:" + settings.get("KAFKA_EMBEDDED_PORT"))
                    .write("notifications", "2", "no JSON".getBytes(StandardCharsets.UTF_8), Map.of("MessageID", "m1"));
            letter = "/api/v1/dead-letters/"
                    + await().until(
                                    () -> first.http()
                                            .get("/api/v1/dead-letters")
                                            .json()
                                            .at("/items/0/id")
                                            .asText(),
                                    id -> !id.isEmpty());
            try {
                replay(first.http(), letter);
            } catch (UncheckedIOException e) {
                // The process died before it answered.
            }
            assertThat(first.exitCode()).isEqualTo(CrashPoint.EXIT_CODE);
        }

        try (CaravanProcess second = CaravanProcess.start(folder, settings).untilReady()) {
            await().untilAsserted(() -> assertThat(
                            second.http().get("/notifications/2/count").body())
                    .isEqualTo("{\"total\":1,\"unread\":1}"));
            assertThat(second.http().get(letter).json().path("state").asText()).isEqualTo("replaying");

            // The claim of the dead process expires.
            await().until(() -> replay(second.http(), letter).status() == 202);

            Records records = new Records("127.0.0.1:" + settings.get("KAFKA_EMBEDDED_PORT"));
            assertThat(records.withMessageId("notifications-retry-1", "m1")).hasSize(2);
            await().until(() -> records.lag("caravan-retry-1", "notifications-retry-1") == 0);
            assertThat(second.http().get("/notifications/2/count").body()).isEqualTo("{\"total\":1,\"unread\":1}");
        }
    }

    private static Http.Answer replay(Http http, String letter) {
        return http.postJson(letter + "/replay", "{\"value\":" + NOTIFICATION + "}");
    }

    private static Map<String, String> with(Map<String, String> settings, String name, String value) {
        Map<String, String> more = new HashMap<>(settings);
        more.put(name, value);
        return more;
    }
}
