package dev.caravan.platform.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.ApiDescription;
import dev.caravan.support.ApiDescription.Content;
import dev.caravan.support.ApiDescription.Operation;
import dev.caravan.support.ApiDescription.Parameter;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Calls every operation with the document's examples, and compares the answers with the document. */
@ExtendWith(CaravanExtension.class)
class OpenApiDocumentIT {

    private Program program;
    private Http http;
    private ApiDescription described;

    @BeforeEach
    void start(Program running) {
        program = running;
        http = running.http();
        described = new ApiDescription(http.get("/openapi").json());
    }

    @AfterEach
    void deleteWebhooks() {
        program.deleteWebhooks();
    }

    @Test
    void acceptsEveryExampleBody() {
        List<Operation> taking = described.operations().stream()
                .filter(operation -> !operation.bodies().isEmpty())
                .toList();

        assertThat(taking).isNotEmpty();
        for (Operation operation : taking) {
            for (Content content : operation.bodies()) {
                if (content.mediaType().equals("*/*")) {
                    Map<String, String> headers = examples(operation, "header", "ce-");
                    headers.put("Content-Type", "text/plain");
                    assertDocumented(
                            operation, http.send(operation.method(), path(operation), "any bytes", headers), "*/*");
                }
                content.examples()
                        .forEach(example -> assertDocumented(
                                operation,
                                http.send(
                                        operation.method(),
                                        path(operation),
                                        text(content.mediaType(), example),
                                        Map.of("Content-Type", content.mediaType())),
                                example.toString()));
            }
        }
    }

    @Test
    void acceptsEveryExampleParameter() {
        Operation order = operation("orders-post");
        Map<String, String> messageId = examples(order, "header", "Message-ID");
        messageId.put("Content-Type", "application/json");
        http.send(
                order.method(),
                order.path(),
                order.bodies().get(0).examples().get(0).toString(),
                messageId);
        Operation send = operation("notifications-post");
        http.postJson(send.path(), send.bodies().get(0).examples().get(0).toString());

        for (Operation operation : described.operations()) {
            if (operation.isStream()) {
                try (EventStream stream = EventStream.open(http.port(), path(operation), Map.of())) {
                    assertThat(stream.status()).isEqualTo(200);
                }
                continue;
            }
            for (Parameter parameter : operation.parameters()) {
                if (parameter.in().equals("query")) {
                    Optional<Content> body = operation.requiresBody()
                            ? operation.bodies().stream().findFirst()
                            : Optional.empty();
                    assertDocumented(
                            operation,
                            http.send(
                                    operation.method(),
                                    path(operation) + "?" + parameter.name() + "=" + encoded(parameter.example()),
                                    body.map(each -> text(
                                                    each.mediaType(),
                                                    each.examples().get(0)))
                                            .orElse(null),
                                    body.map(each -> Map.of("Content-Type", each.mediaType()))
                                            .orElse(Map.of())),
                            parameter.name());
                }
            }
            if (operation.method().equals("GET") || operation.bodies().isEmpty()) {
                String path = path(operation);
                await().untilAsserted(() -> assertDocumented(
                        operation, http.send(operation.method(), path, null, Map.of()), "no parameter"));
            }
        }
    }

    @Test
    void describesAStreamAfterItsEdit() throws IOException {
        Path file = program.routes().resolve("ticker.camel.yaml");
        Files.writeString(
                file,
                """
                - route:
                    id: ticker
                    group: ticker
                    description: Streams nothing.
                    routeConfigurationId: http
                    from:
                      uri: sse:/ticker/{name}
                      steps:
                        - setBody: { simple: "${null}" }
                """);
        try {
            JsonNode ticker = await().until(
                            () -> http.get("/openapi").json().at("/paths/~1ticker~1{name}/get"), JsonNode::isObject);

            assertThat(ticker.path("operationId").asText()).isEqualTo("ticker");
            assertThat(ticker.path("summary").asText()).isEqualTo("Streams nothing.");
            assertThat(ticker.path("parameters").findValuesAsText("name"))
                    .containsExactly("name", "Last-Event-ID", "after");
            assertThat(ticker.at("/responses/200/content").has("text/event-stream"))
                    .isTrue();
            assertThat(ticker.at("/responses").has("default")).isTrue();
        } finally {
            Files.delete(file);
        }
        await().until(() -> !http.get("/openapi").json().path("paths").has("/ticker/{name}"));
    }

    @Test
    void isAvailableAsYaml() {
        Answer yaml = http.send("GET", "/openapi", null, Map.of("Accept", "text/yaml"));

        assertThat(yaml.header("Content-Type")).isEqualTo("text/yaml");
        assertThat(yaml.body()).startsWith("openapi: 3.1.0");
    }

    /** Checks that the answer is a documented success with the documented headers and body. */
    private void assertDocumented(Operation operation, Answer answer, String sent) {
        String what = answer.status() + " of " + operation.id() + " to " + sent + ": " + answer.body();
        assertThat(operation.statuses()).as(what).contains(Integer.toString(answer.status()));
        assertThat(answer.status()).as(what).isBetween(200, 299);
        JsonNode documented = operation.answer(Integer.toString(answer.status()));
        documented.path("headers").fieldNames().forEachRemaining(name -> assertThat(
                        name.equals("Link") || answer.header(name) != null)
                .as("header %s, %s", name, what)
                .isTrue());
        List<Content> contents = ApiDescription.contents(documented.path("content"));
        if (contents.isEmpty()) {
            assertThat(answer.body()).as(what).isEmpty();
        } else {
            assertThat(described.violations(contents.get(0).schema(), answer.json()))
                    .as(what)
                    .isEmpty();
        }
    }

    /** Uses the examples of the parameters, and existing or new ids where the program assigns them. */
    private String path(Operation operation) {
        String path = operation.path();
        for (Parameter parameter : operation.parameters()) {
            if (parameter.in().equals("path")) {
                path = path.replace("{" + parameter.name() + "}", value(operation, parameter));
            }
        }
        return path;
    }

    private String value(Operation operation, Parameter parameter) {
        String place = operation.path().replaceFirst("\\{" + parameter.name() + "}.*", "");
        return switch (place) {
            case "/api/v1/dead-letters/" -> deadLetter();
            case "/api/v1/dead-letter-replays/" ->
                http.postJson("/api/v1/dead-letters/replay", "{\"key\":\"none\"}")
                        .json()
                        .path("id")
                        .asText();
            case "/notifications/{userID}/" -> notification();
            case "/api/v1/webhooks/" ->
                http.postJson("/api/v1/webhooks", "{\"url\":\"https://hooks.example.com/\",\"user\":2}")
                        .json()
                        .path("id")
                        .asText();
            default -> encoded(parameter.example());
        };
    }

    private String deadLetter() {
        String id = UUID.randomUUID().toString();
        program.records().write("orders", id, "no order".getBytes(StandardCharsets.UTF_8), Map.of("MessageID", id));
        return await().until(
                        () -> http.get("/api/v1/dead-letters?key=" + id)
                                .json()
                                .at("/items/0/id")
                                .asText(),
                        found -> !found.isEmpty());
    }

    private String notification() {
        return await().until(
                        () -> http.get("/notifications/2?limit=1")
                                .json()
                                .at("/notifications/0/id")
                                .asText(),
                        found -> !found.isEmpty());
    }

    private Operation operation(String id) {
        return described.operations().stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> examples(Operation operation, String in, String prefix) {
        Map<String, String> examples = new HashMap<>();
        operation.parameters().stream()
                .filter(each -> each.in().equals(in) && each.name().startsWith(prefix))
                .forEach(each -> examples.put(each.name(), each.example().asText()));
        return examples;
    }

    private static String text(String mediaType, JsonNode example) {
        return mediaType.equals("application/x-www-form-urlencoded")
                ? StreamSupport.stream(((Iterable<String>) example::fieldNames).spliterator(), false)
                        .map(name -> name + "=" + encoded(example.get(name)))
                        .collect(Collectors.joining("&"))
                : example.isTextual() && !mediaType.equals("application/json") ? example.asText() : example.toString();
    }

    private static String encoded(JsonNode value) {
        return URLEncoder.encode(value.asText(), StandardCharsets.UTF_8);
    }
}
