package dev.caravan.platform.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stream that docs/extending.md shows. */
@ExtendWith(CaravanExtension.class)
class UserStreamIT {

    private static final String PATH = "/api/v1/comments/stream";

    private static Program program;
    private static Path file;

    @BeforeAll
    static void add(Program running) throws IOException {
        program = running;
        List<String> yaml = Files.readAllLines(Path.of("docs/extending.md")).stream()
                .dropWhile(line -> !line.equals("## A live stream"))
                .dropWhile(line -> !line.equals("```yaml"))
                .skip(1)
                .takeWhile(line -> !line.equals("```"))
                .toList();
        file = running.routes().resolve("ticker.camel.yaml");
        Files.write(file, yaml);
        await().until(() -> running.http().send("HEAD", PATH, null, Map.of()).status() == 200);
    }

    @AfterAll
    static void remove() throws IOException {
        Files.delete(file);
        await().until(() -> program.http().send("HEAD", PATH, null, Map.of()).status() == 404);
    }

    private static void comment(String text) {
        assertThat(program.http().postForm("/api/v1/comments", "text=" + text).status())
                .isEqualTo(200);
    }

    private static EventStream stream(Map<String, String> headers) {
        return EventStream.open(program.http().port(), PATH, headers);
    }

    @Test
    void resumesAfterTheClientsLastEvent() {
        try (EventStream first = stream(Map.of())) {
            await().until(() -> first.retry() > 0);
            comment("one");
            comment("two");
            first.await("comment", 2);

            try (EventStream next =
                    stream(Map.of("last-event-id", first.await("comment", 1).id()))) {
                assertThat(next.await("comment", 1).data().path("text").asText())
                        .isEqualTo("two");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "1.5", "99999999999999999999"})
    void resetsAnUnknownId(String id) {
        try (EventStream stream = stream(Map.of("Last-Event-ID", id))) {
            assertThat(stream.status()).isEqualTo(200);
            assertThat(stream.await("reset", 1).data().path("reason").asText()).isEqualTo("unknown id");
            assertThat(stream.await("reset", 1).id()).isNull();

            comment("after-the-reset");
            assertThat(stream.await("comment", 1).data().path("text").asText()).isEqualTo("after-the-reset");
            assertThat(stream.events("reset")).hasSize(1);
        }
    }
}
