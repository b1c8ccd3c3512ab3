package dev.caravan.platform.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemResponse;
import dev.caravan.platform.edge.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds the schemas that the document refers to, their examples, and the problems of error answers. */
final class OpenApiComponents {

    private static final Logger LOG = LoggerFactory.getLogger(OpenApiComponents.class);
    private static final String ROOT = "#/components/schemas/";
    private static final String PROBLEM = ROOT + "answers.problem";

    private final ObjectNode document;
    private final Schemas schemas;

    OpenApiComponents(ObjectNode document, Schemas schemas) {
        this.document = document;
        this.schemas = schemas;
    }

    void complete(Iterable<ObjectNode> operations) {
        document.at("/components/responses").forEach(answer -> putProblems((ObjectNode) answer, examples(PROBLEM)));
        for (ObjectNode operation : operations) {
            ObjectNode answers = operation.withObject("/responses");
            if (answers.path("default").isEmpty()) {
                answers.putObject("default").put("$ref", "#/components/responses/Problem");
            }
            answers.fields().forEachRemaining(answer -> {
                if (!answer.getValue().has("$ref") && !answer.getValue().has("description")) {
                    ((ObjectNode) answer.getValue()).put("description", "");
                }
                if (answer.getKey().matches("[45]\\d\\d") && !answer.getValue().has("content")) {
                    addProblems((ObjectNode) answer.getValue(), Integer.parseInt(answer.getKey()), operation);
                }
            });
        }
        document.findValues("content").forEach(contents -> contents.forEach(this::addExamples));
        addSchemas(document);
    }

    /** Adds the problems that the answer names by type and detail; if none, the usual ones of the status. */
    private void addProblems(ObjectNode answer, int status, ObjectNode operation) {
        List<JsonNode> problems = new ArrayList<>();
        Optional.ofNullable(answer.remove("x-problems"))
                .ifPresentOrElse(
                        named -> named.fields()
                                .forEachRemaining(each -> problems.add(ProblemResponse.body(problem(
                                        status, each.getKey(), each.getValue().asText())))),
                        () -> examples(PROBLEM)
                                .filter(each -> each.path("status").asInt() == status)
                                .filter(each -> !type(each).equals("malformed") || operation.has("requestBody"))
                                .forEach(problems::add));
        putProblems(answer, problems.stream());
    }

    /** The detail of an invalid field begins with its pointer. */
    private static ProblemException problem(int status, String type, String detail) {
        String[] parts = detail.split(" ", 2);
        return type.equals("invalid") && parts.length == 2
                ? ProblemException.invalid(status, List.of(new ProblemException.Violation(parts[0], parts[1])))
                : ProblemException.of(status, type, detail);
    }

    private static void putProblems(ObjectNode answer, Stream<JsonNode> problems) {
        ObjectNode content = answer.putObject("content").putObject(ProblemResponse.CONTENT_TYPE);
        content.putObject("schema").put("$ref", PROBLEM);
        problems.forEach(problem ->
                content.withObject("/examples").putObject(type(problem)).set("value", problem));
    }

    private static String type(JsonNode problem) {
        return problem.path("type").asText().replaceFirst(".*:", "");
    }

    /** Adds the examples of the content's schemas, unless it has its own. */
    private void addExamples(JsonNode content) {
        if (content instanceof ObjectNode described && !content.has("example") && !content.has("examples")) {
            content.path("schema").findValuesAsText("$ref").stream()
                    .flatMap(this::examples)
                    .forEach(example -> {
                        ObjectNode numbered = described.withObject("/examples");
                        numbered.putObject("" + (numbered.size() + 1)).set("value", example);
                    });
        }
    }

    private Stream<JsonNode> examples(String reference) {
        JsonNode examples = find(reference)
                .map(schema -> schema.at(pointer(reference) + "/examples"))
                .orElse(Json.MAPPER.createArrayNode());
        return StreamSupport.stream(examples.spliterator(), false);
    }

    private void addSchemas(JsonNode within) {
        for (String reference : within.findValuesAsText("$ref")) {
            ObjectNode all = document.withObject("/components/schemas");
            if (reference.startsWith(ROOT) && !all.has(name(reference))) {
                Optional<JsonNode> found = find(reference);
                if (found.isEmpty()) {
                    LOG.warn(
                            "{} refers to schema {}, which SCHEMAS_DIR does not contain",
                            Overlay.FILE,
                            name(reference));
                }
                ObjectNode schema =
                        found.map(each -> (ObjectNode) each.deepCopy()).orElseGet(Json.MAPPER::createObjectNode);
                removeFileMembers(schema).path("$defs").forEach(part -> removeFileMembers((ObjectNode) part));
                relocate(schema, ROOT + name(reference));
                all.set(name(reference), schema);
                addSchemas(schema);
            }
        }
    }

    private Optional<JsonNode> find(String reference) {
        if (!reference.startsWith(ROOT)) {
            return Optional.empty();
        }
        String name = name(reference);
        return schemas.described(name).or(() -> schemas.described(name.replaceFirst("^answers\\.", "answers/")));
    }

    private static String name(String reference) {
        return reference.substring(ROOT.length()).replaceFirst("/.*", "");
    }

    private static String pointer(String reference) {
        return reference.substring(ROOT.length() + name(reference).length());
    }

    /** Removes members that only the schema's file needs. */
    private static ObjectNode removeFileMembers(ObjectNode schema) {
        return schema.remove(List.of("$schema", "examples"));
    }

    /** Adapts a file's internal references to its place in the document. */
    private static void relocate(JsonNode node, String root) {
        if (node.path("$ref").asText().startsWith("#")) {
            ((ObjectNode) node).put("$ref", root + node.get("$ref").asText().substring(1));
        }
        node.forEach(each -> relocate(each, root));
    }
}
