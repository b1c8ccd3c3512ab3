package dev.caravan.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The operations of an OpenAPI document. */
public final class ApiDescription {

    private static final SchemaValidatorsConfig CONFIG =
            SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();

    private final JsonNode document;
    private final Map<JsonNode, JsonSchema> schemas = new ConcurrentHashMap<>();

    public ApiDescription(JsonNode document) {
        this.document = document;
    }

    public record Operation(String id, String method, String path, List<Parameter> parameters, JsonNode node) {

        /** The request bodies by media type. */
        public List<Content> bodies() {
            return contents(node.at("/requestBody/content"));
        }

        public boolean requiresBody() {
            return node.at("/requestBody/required").asBoolean();
        }

        public List<String> statuses() {
            List<String> statuses = new ArrayList<>();
            node.path("responses").fieldNames().forEachRemaining(statuses::add);
            return statuses;
        }

        /** Whether the answer is an endless event stream. */
        public boolean isStream() {
            return answer("200").path("content").has("text/event-stream");
        }

        public JsonNode answer(String status) {
            return node.path("responses").path(status);
        }
    }

    public record Parameter(String name, String in, JsonNode schema, JsonNode example) {}

    /** @param schema a missing node if there is none */
    public record Content(String mediaType, JsonNode schema, List<JsonNode> examples) {}

    public List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        document.path("paths").fields().forEachRemaining(path -> path.getValue()
                .fields()
                .forEachRemaining(operation -> operations.add(new Operation(
                        operation.getValue().path("operationId").asText(),
                        operation.getKey().toUpperCase(Locale.ROOT),
                        path.getKey(),
                        parameters(operation.getValue()),
                        operation.getValue()))));
        return operations;
    }

    private static List<Parameter> parameters(JsonNode operation) {
        List<Parameter> parameters = new ArrayList<>();
        operation
                .path("parameters")
                .forEach(each -> parameters.add(new Parameter(
                        each.path("name").asText(),
                        each.path("in").asText(),
                        each.path("schema"),
                        each.path("example"))));
        return parameters;
    }

    public static List<Content> contents(JsonNode content) {
        List<Content> contents = new ArrayList<>();
        content.fields().forEachRemaining(each -> {
            List<JsonNode> examples = new ArrayList<>();
            each.getValue().path("examples").forEach(example -> examples.add(example.path("value")));
            contents.add(new Content(each.getKey(), each.getValue().path("schema"), examples));
        });
        return contents;
    }

    /** Validates a value against a schema, whose references are resolved in the document. */
    public Set<ValidationMessage> violations(JsonNode schema, JsonNode value) {
        return schemas.computeIfAbsent(schema, this::whole).validate(value);
    }

    private JsonSchema whole(JsonNode schema) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", document.path("components"));
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(whole, CONFIG);
    }

    /** Resolves a schema that is a reference. */
    public JsonNode resolved(JsonNode schema) {
        return schema.has("$ref")
                ? resolved(document.at(schema.get("$ref").asText().substring(1)))
                : schema;
    }
}
