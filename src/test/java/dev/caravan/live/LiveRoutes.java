package dev.caravan.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.caravan.support.CaravanExtension.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/** The route files of a running program, and what it reports about them. */
record LiveRoutes(Program program) {

    /** Answers {@code GET /hello} with that word. */
    static final String HELLO =
            """
            - rest:
                path: /hello
                tag: hello
                get:
                  - id: hello-get
                    to: direct:hello-say
            - route:
                id: hello-say
                group: hello
                description: Says hello.
                routeConfigurationId: http
                from:
                  uri: direct:hello-say
                  steps:
                    - setBody: { constant: "hello" }
            """;

    /** Replaces the file atomically, as most editors do. */
    void save(String file, String text) throws IOException {
        Path temporary = Files.writeString(program.routes().resolve("." + file), text);
        Files.move(temporary, program.routes().resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    JsonNode list() {
        return program.http().get("/api/v1/routes").json();
    }

    Map<String, JsonNode> files() {
        Map<String, JsonNode> files = new TreeMap<>();
        list().path("files").forEach(file -> files.put(file.path("name").asText(), file));
        return files;
    }

    /** A missing node if the folder has no such file. */
    JsonNode file(String name) {
        return files().getOrDefault(name, MissingNode.getInstance());
    }

    JsonNode route(String id) {
        return find(list().path("routes"), "id", id);
    }

    /** The element of an array whose member has this value, else a missing node. */
    static JsonNode find(JsonNode array, String member, String value) {
        return StreamSupport.stream(array.spliterator(), false)
                .filter(each -> each.path(member).asText().equals(value))
                .findFirst()
                .orElse(MissingNode.getInstance());
    }
}
