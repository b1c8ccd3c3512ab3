package dev.caravan.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.edge.Json;
import dev.caravan.edge.ProblemAnswer;
import dev.caravan.edge.Schemas;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The document's {@code components}: each schema that is named, as its file says it, and what all operations share. */
final class Components {

    static final String PROBLEM = "answers/problem";

    private static final Logger LOG = LoggerFactory.getLogger(Components.class);
    private static final Set<String> PLAIN = Set.of(
            "string", "integer", "int", "long", "number", "float", "double", "boolean", "array", "object", "file");

    private static final Set<String> WAITED_FOR = Set.of("not-published", "unavailable", "too-many-requests");

    private final ObjectNode document;
    private final Schemas schemas;

    Components(ObjectNode document, Schemas schemas) {
        this.document = document;
        this.schemas = schemas;
        security();
        ObjectNode other = document.withObject("/components/responses").putObject("Problem");
        other.put("description", "Any other error.");
        other.set("content", problems(named(problems())));
        waiting(other);
        header(other, "Allow", "of 405, the methods that the path takes");
        header(other, "WWW-Authenticate", "of 401");
    }

    /** The schema of a type that is the name of one. */
    private Optional<JsonNode> find(String type) {
        if (type == null || PLAIN.contains(type)) {
            return Optional.empty();
        }
        String[] parts = type.split("#", 2);
        Optional<JsonNode> found = schemas.described(parts[0])
                .map(schema -> parts.length == 1 ? schema : schema.at("/$defs/" + parts[1]))
                .filter(schema -> !schema.isMissingNode());
        if (found.isEmpty() && !type.contains(".")) {
            LOG.warn("An operation names the schema {}, which is not there", type);
        }
        return found;
    }

    /** The schema as it is, without what only its file needs. */
    Optional<ObjectNode> copy(String type) {
        return find(type).filter(JsonNode::isObject).map(schema -> without(schema.deepCopy()));
    }

    private static ObjectNode without(ObjectNode schema) {
        schema.remove(List.of("$schema", "examples"));
        return schema;
    }

    /** A reference to the schema, which then stands among the components. */
    Optional<ObjectNode> reference(String type) {
        return find(type).map(found -> {
            String[] parts = type.split("#", 2);
            String name = parts[0].replace('/', '.');
            ObjectNode all = document.withObject("/components/schemas");
            if (!all.has(name)) {
                JsonNode whole = schemas.described(parts[0]).orElseThrow().deepCopy();
                all.set(name, whole);
                if (whole instanceof ObjectNode schema) {
                    without(schema).path("$defs").forEach(part -> without((ObjectNode) part));
                    relocate(schema, "#/components/schemas/" + name);
                }
            }
            return Json.MAPPER
                    .createObjectNode()
                    .put("$ref", "#/components/schemas/" + name + (parts.length == 1 ? "" : "/$defs/" + parts[1]));
        });
    }

    /** What a file refers to in itself stands elsewhere now. */
    private static void relocate(JsonNode node, String root) {
        if (node.path("$ref").asText().startsWith("#")) {
            ((ObjectNode) node).put("$ref", root + node.get("$ref").asText().substring(1));
        }
        node.forEach(each -> relocate(each, root));
    }

    List<JsonNode> examples(String type) {
        return find(type).map(schema -> list(schema.path("examples"))).orElse(List.of());
    }

    /** A media type's content: the schema, or any of several, with their examples; nothing where none is named. */
    ObjectNode content(List<String> types) {
        ObjectNode content = Json.MAPPER.createObjectNode();
        List<ObjectNode> references =
                types.stream().map(this::reference).flatMap(Optional::stream).toList();
        if (references.size() == 1) {
            content.set("schema", references.get(0));
        } else if (!references.isEmpty()) {
            content.putObject("schema").putArray("anyOf").addAll(references);
        }
        List<JsonNode> examples =
                types.stream().flatMap(type -> examples(type).stream()).toList();
        if (!examples.isEmpty()) {
            ObjectNode numbered = content.putObject("examples");
            examples.forEach(
                    each -> numbered.putObject("" + (numbered.size() + 1)).set("value", each));
        }
        return content;
    }

    /** One problem of each type that there is. */
    List<JsonNode> problems() {
        return examples(PROBLEM);
    }

    /** The content of an answer that is one of these problems. */
    ObjectNode problems(ObjectNode examples) {
        ObjectNode content = Json.MAPPER.createObjectNode();
        ObjectNode problem = content.putObject(ProblemAnswer.CONTENT_TYPE);
        reference(PROBLEM).ifPresent(reference -> problem.set("schema", reference));
        if (!examples.isEmpty()) {
            problem.set("examples", examples);
        }
        return content;
    }

    /** Examples of problems, each by its type. */
    static ObjectNode named(Iterable<JsonNode> problems) {
        ObjectNode examples = Json.MAPPER.createObjectNode();
        problems.forEach(problem -> examples.putObject(name(problem)).set("value", problem));
        return examples;
    }

    /** Whether the answer says when to try again. */
    static boolean isWaitedFor(JsonNode problem) {
        return WAITED_FOR.contains(name(problem));
    }

    private static String name(JsonNode problem) {
        return problem.path("type").asText().replaceFirst(".*:", "");
    }

    void waiting(ObjectNode answer) {
        ObjectNode header = header(answer, "Retry-After", "seconds to wait");
        copy("parameters#seconds").ifPresent(schema -> header.set("schema", schema));
    }

    private static ObjectNode header(ObjectNode answer, String name, String description) {
        ObjectNode header = answer.withObject("/headers").putObject(name).put("description", description);
        header.putObject("schema").put("type", "string");
        return header;
    }

    private void security() {
        ObjectNode schemes = document.withObject("/components/securitySchemes");
        schemes.putObject("bearer")
                .put("type", "http")
                .put("scheme", "bearer")
                .put("description", "A token of the operator's list, or a JSON Web Token of the issuer.");
        schemes.putObject("token")
                .put("type", "apiKey")
                .put("in", "header")
                .put("name", "Authorization")
                .put("description", "The same token without a scheme.");
    }

    /** Says whether an operation asks for a token; where authentication is off, one may be sent but need not. */
    static void secure(ObjectNode operation, boolean optional) {
        ArrayNode either = operation.putArray("security");
        if (optional) {
            either.addObject();
        }
        either.addObject().putArray("bearer");
        either.addObject().putArray("token");
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }
}
