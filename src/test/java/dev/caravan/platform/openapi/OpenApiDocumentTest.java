package dev.caravan.platform.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.support.ApiDescription;
import dev.caravan.support.ApiDescription.Content;
import dev.caravan.support.ApiDescription.Operation;
import io.swagger.v3.parser.OpenAPIV3Parser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.rest.RestParamType;
import org.apache.camel.spi.RestConfiguration;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The document that {@code OpenApiIT} compares with the program's. */
class OpenApiDocumentTest {

    private static final Path GOLDEN = Path.of("src/test/resources/cases/openapi.json");
    private static final Path ERRORS = Path.of("docs/errors.md");

    private final JsonNode document = read();
    private final ApiDescription described = new ApiDescription(document);

    private static JsonNode read() {
        try {
            return new ObjectMapper().readTree(GOLDEN.toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void isOpenApi() throws IOException {
        assertThat(new OpenAPIV3Parser()
                        .readContents(Files.readString(GOLDEN), null, null)
                        .getMessages())
                .isEmpty();
    }

    @Test
    void schemasAreValidJsonSchemas() {
        JsonSchema schemas = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(SchemaLocation.of(SchemaId.V202012));

        assertThat(document.findValues("schema")).isNotEmpty().allSatisfy(schema -> assertThat(schemas.validate(schema))
                .isEmpty());
        assertThat(document.at("/components/schemas"))
                .isNotEmpty()
                .allSatisfy(schema -> assertThat(schemas.validate(schema)).isEmpty());
    }

    @Test
    void everyReferenceResolves() {
        assertThat(document.findValuesAsText("$ref")).isNotEmpty().allSatisfy(reference -> assertThat(
                        document.at(reference.substring(1)).isMissingNode())
                .as(reference)
                .isFalse());
    }

    @Test
    void everyExampleMatchesItsSchema() {
        for (Operation operation : described.operations()) {
            operation.parameters().forEach(parameter -> {
                assertThat(parameter.example().isMissingNode())
                        .as("example of %s of %s", parameter.name(), operation.id())
                        .isFalse();
                assertThat(described.violations(parameter.schema(), parameter.example()))
                        .as("example of %s of %s", parameter.name(), operation.id())
                        .isEmpty();
            });
            contents(operation).forEach((where, contents) -> contents.stream()
                    .filter(content -> !content.mediaType().equals("*/*"))
                    .forEach(content -> {
                        assertThat(content.examples()).as(where).isNotEmpty();
                        assertThat(content.examples()).as(where).allSatisfy(example -> assertThat(
                                        described.violations(content.schema(), example))
                                .isEmpty());
                    }));
        }
    }

    @Test
    void everyAnswerWithABodyHasASchema() {
        assertThat(described.operations()).isNotEmpty().allSatisfy(operation -> assertThat(operation.statuses())
                .contains("default")
                .filteredOn(status -> !status.equals("204") && !status.equals("default"))
                .allSatisfy(status -> assertThat(
                                ApiDescription.contents(operation.answer(status).path("content")))
                        .as("%s of %s", status, operation.id())
                        .singleElement()
                        .extracting(Content::mediaType)
                        .isEqualTo(
                                !status.startsWith("2")
                                        ? "application/problem+json"
                                        : operation.isStream() ? "text/event-stream" : "application/json")));
    }

    @Test
    void everyProblemIsDocumented() throws IOException {
        Map<String, String> pages = pages();
        List<JsonNode> problems = new ArrayList<>();
        for (Operation operation : described.operations()) {
            for (String status : operation.statuses()) {
                examples(operation.answer(status)).forEach(problem -> {
                    assertThat(problem.path("status").asText())
                            .as("%s of %s", status, operation.id())
                            .isEqualTo(status);
                    problems.add(problem);
                });
            }
        }
        problems.addAll(examples(document.at("/components/responses/Problem")));

        assertThat(problems).isNotEmpty().allSatisfy(problem -> {
            assertThat(problem.path("type").asText()).startsWith("urn:caravan:problem:");
            assertThat(pages.get(problem.path("type").asText().replaceFirst(".*:", "")))
                    .as(problem.path("type").asText())
                    .contains(problem.path("status").asText());
        });
        assertThat(problems.stream()
                        .map(problem -> problem.path("type").asText().replaceFirst(".*:", ""))
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(pages.keySet());
    }

    @Test
    void describesOperationsWithoutDeclarations() throws Exception {
        String written = written("classpath:schemas", new RouteBuilder() {
            @Override
            public void configure() {
                rest("/mine/{name}")
                        .post()
                        .consumes("text/plain")
                        .param()
                        .name("long")
                        .type(RestParamType.query)
                        .dataType("long")
                        .endParam()
                        .param()
                        .name("lost")
                        .type(RestParamType.query)
                        .dataType("no-such-schema")
                        .endParam()
                        .produces("text/plain")
                        .responseMessage("201", "It is made.")
                        .responseMessage("404", "It is not mine.")
                        .to("direct:mine");
            }
        });
        JsonNode operation = new ObjectMapper().readTree(written).at("/paths/~1mine~1{name}/post");
        assertThat(new OpenAPIV3Parser().readContents(written, null, null).getMessages())
                .isEmpty();
        assertThat(operation.path("parameters").findValuesAsText("name")).containsExactly("long", "lost", "name");
        assertThat(operation.path("parameters").findValuesAsText("type"))
                .containsExactly("integer", "string", "string");
        assertThat(operation.at("/requestBody/content").has("text/plain")).isTrue();
        assertThat(operation
                        .at("/responses/404/content/application~1problem+json/examples")
                        .has("not-found"))
                .isTrue();
        assertThat(operation.at("/responses/201/content").has("text/plain")).isTrue();
        assertThat(operation.at("/responses/default/$ref").asText()).isEqualTo("#/components/responses/Problem");
        assertThat(operation.has("security")).isTrue();
    }

    @Test
    void overlayOfTheUserAddsToTheDocument(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("parcel.schema.json"), "{\"type\":\"object\",\"examples\":[{\"weight\":2}]}");
        Files.writeString(
                folder.resolve("openapi.yaml"),
                """
                shared:
                  - &parcel { schema: { $ref: "#/components/schemas/parcel" } }
                operations:
                  parcels-post:
                    requestBody: { content: { application/json: *parcel } }
                    responses:
                      "202": { description: It is on its way., content: { application/json: *parcel } }
                      "409": { description: It is sent already., x-problems: { settled: It is sent already. } }
                  no-such-operation: {}
                """);

        JsonNode read = new ObjectMapper().readTree(written(folder));

        JsonNode operation = read.at("/paths/~1parcels/post");
        assertThat(operation
                        .at("/requestBody/content/application~1json/examples/1/value/weight")
                        .asInt())
                .isEqualTo(2);
        assertThat(operation.at("/responses/202/description").asText()).isEqualTo("It is on its way.");
        assertThat(operation
                        .at("/responses/409/content/application~1problem+json/examples/settled/value/title")
                        .asText())
                .isEqualTo("Conflict");
        assertThat(operation.at("/responses/default/$ref").asText()).isEqualTo("#/components/responses/Problem");
        assertThat(operation.path("summary").asText()).isEqualTo("Sends a parcel.");
        assertThat(read.at("/components/schemas/parcel").toString()).isEqualTo("{\"type\":\"object\"}");
    }

    @Test
    void reportsAnInvalidOverlay(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("openapi.yaml"), "operations: [");

        assertThatThrownBy(() -> written(folder))
                .hasStackTraceContaining(folder.resolve("openapi.yaml") + " cannot be read: ");
    }

    private static String written(Path folder) throws Exception {
        return written(folder.toString(), new RouteBuilder() {
            @Override
            public void configure() {
                rest("/parcels")
                        .post()
                        .id("parcels-post")
                        .description("Sends a parcel.")
                        .to("direct:parcels");
            }
        });
    }

    private static String written(String folder, RouteBuilder routes) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        Schemas schemas = new Schemas();
        schemas.setCamelContext(context);
        schemas.setFolder(folder);
        context.getRegistry().bind("schemas", schemas);
        context.getRegistry().bind("authenticate", new Authenticator());
        context.addRoutes(routes);
        RestConfiguration configuration = new RestConfiguration();
        configuration.setApiProperties(Map.of("openapi.version", "3.1.0", "api.title", "Mine", "api.version", "1"));
        OpenApiDocument minimal = new OpenApiDocument();
        minimal.setCamelContext(context);
        minimal.setFolder(folder);
        Exchange exchange = new DefaultExchange(context);
        minimal.createApiProcessor(context, "", configuration, Map.of()).process(exchange);
        return exchange.getMessage().getBody(String.class);
    }

    private static List<JsonNode> examples(JsonNode answer) {
        return ApiDescription.contents(answer.path("content")).stream()
                .filter(content -> content.mediaType().equals("application/problem+json"))
                .flatMap(content -> content.examples().stream())
                .toList();
    }

    /** The text below each heading. */
    private static Map<String, String> pages() throws IOException {
        return List.of(Files.readString(ERRORS).split("(?m)^## ")).stream()
                .skip(1)
                .map(page -> page.split("\n", 2))
                .collect(Collectors.toMap(page -> page[0].strip(), page -> page[1]));
    }

    private static Map<String, List<Content>> contents(Operation operation) {
        Map<String, List<Content>> contents = operation.statuses().stream()
                .collect(Collectors.toMap(
                        status -> status + " of " + operation.id(),
                        status ->
                                ApiDescription.contents(operation.answer(status).path("content"))));
        contents.put("body of " + operation.id(), operation.bodies());
        return contents;
    }
}
