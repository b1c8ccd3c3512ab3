package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The running routes and their figures as one stream. */
@ExtendWith(CaravanExtension.class)
class FlowStreamIT {

    private static final String PATH = "/api/v1/flow/stream";

    @Test
    void sendsEverythingFirstAndThenOnlyChanges(Program program) {
        try (EventStream stream = EventStream.open(program.http().port(), PATH, Map.of())) {
            JsonNode first = stream.await("flow", 1).data();
            program.http().postJson("/api/v1/comments", "{\"text\":\"A change\"}");

            assertThat(names(first, "routes", "id")).contains("comments-accept", "orders-find");
            assertThat(LiveRoutes.find(first.path("routes"), "id", "comments-accept")
                            .has("p95Millis"))
                    .isTrue();
            await().until(() -> stream.events("flow").stream().skip(1).anyMatch(event -> !LiveRoutes.find(
                            event.data().path("routes"), "id", "comments-accept")
                    .isMissingNode()));
            assertThat(stream.events("flow").stream().skip(1))
                    .allSatisfy(event ->
                            assertThat(names(event.data(), "routes", "id")).doesNotContain("routes-validate"));
        }
    }

    @Test
    void appliedAndRejectedEditsAreSentAtOnce(Program program) throws Exception {
        Path file = program.routes().resolve("seen.camel.yaml");
        try (EventStream stream = EventStream.open(program.http().port(), PATH, Map.of())) {
            stream.await("flow", 1);
            Files.writeString(file, "- route: { id: seen, from: { uri: 'direct:seen', steps: [ { log: Hello } ] } }");
            await().until(() -> stream.events("flow").stream()
                    .anyMatch(event -> names(event.data(), "routes", "id").contains("seen")));

            Files.writeString(file, "- route: { id: seen, form: 'direct:seen' }");
            await().until(() -> stream.events("flow").stream()
                    .anyMatch(event ->
                            event.data().path("files").findPath("error").isObject()));

            Files.delete(file);
            await().until(() -> stream.events("flow").stream()
                    .anyMatch(
                            event -> event.data().at("/gone/routes").toString().contains("\"seen\"")));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static List<String> names(JsonNode data, String array, String name) {
        return data.path(array).findValuesAsText(name);
    }
}
