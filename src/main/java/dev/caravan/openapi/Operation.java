package dev.caravan.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.edge.Problem;
import dev.caravan.edge.ProblemAnswer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.model.rest.ParamDefinition;
import org.apache.camel.model.rest.ResponseHeaderDefinition;
import org.apache.camel.model.rest.ResponseMessageDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.RestParamType;
import org.apache.camel.model.rest.RestPropertyDefinition;
import org.apache.camel.model.rest.VerbDefinition;

/** One operation of the document: what its REST DSL says and Camel's reader leaves out. */
final class Operation {

    private static final Map<String, String> JSON_TYPES = Map.of(
            "integer", "integer", "int", "integer", "long", "integer", "number", "number", "float", "number", "double",
            "number", "boolean", "boolean", "array", "array");

    private static final Pattern IN_PATH = Pattern.compile("\\{([^}:]+)");

    private final CamelContext context;
    private final RestDefinition rest;
    private final VerbDefinition verb;
    private final Components components;
    private final List<ParamDefinition> bodies;

    Operation(CamelContext context, RestDefinition rest, VerbDefinition verb, Components components) {
        this.context = context;
        this.rest = rest;
        this.verb = verb;
        this.components = components;
        this.bodies = verb.getParams().stream()
                .filter(param -> param.getType() == RestParamType.body)
                .toList();
    }

    void complete(ObjectNode operation) {
        parameters(operation);
        body(operation);
        answers(operation.withObject("/responses"));
    }

    private void parameters(ObjectNode operation) {
        ArrayNode parameters = operation.withArray("/parameters");
        for (ParamDefinition param : verb.getParams()) {
            for (JsonNode each : parameters) {
                if (each.path("name").asText().equals(text(param.getName()))
                        && each.path("in").asText().equals(param.getType().name())) {
                    typed((ObjectNode) each, text(param.getDataType()));
                }
            }
        }
        // OpenAPI asks for each of them.
        IN_PATH.matcher(path()).results().map(found -> found.group(1)).forEach(name -> {
            if (!parameters.findValuesAsText("name").contains(name)) {
                parameters
                        .addObject()
                        .put("name", name)
                        .put("in", "path")
                        .put("required", true)
                        .putObject("schema")
                        .put("type", "string");
            }
        });
        if (parameters.isEmpty()) {
            operation.remove("parameters");
        }
    }

    private String path() {
        return (rest.getPath() == null ? "" : text(rest.getPath()))
                + (verb.getPath() == null ? "" : text(verb.getPath()));
    }

    /** A parameter or a header whose type is a schema; its first example is the one that is shown. */
    private void typed(ObjectNode parameter, String type) {
        if (parameter.path("schema") instanceof ObjectNode read && read.has("type")) {
            read.put("type", JSON_TYPES.getOrDefault(Objects.toString(type), "string"));
        }
        components.copy(type).ifPresent(schema -> {
            parameter.set("schema", schema);
            components.examples(type).stream().findFirst().ifPresent(example -> parameter.set("example", example));
        });
    }

    /** Of several bodies each names its media type in {@code dataFormat}. */
    private void body(ObjectNode operation) {
        JsonNode read = operation.path("requestBody").path("content");
        operation.remove("requestBody");
        Map<String, List<String>> content = new LinkedHashMap<>();
        List<String> descriptions = new ArrayList<>();
        boolean required = true;
        for (ParamDefinition body : bodies) {
            String types = body.getDataFormat() != null ? body.getDataFormat() : consumed();
            for (String type : types(types == null ? "application/json" : types)) {
                content.computeIfAbsent(type, any -> new ArrayList<>()).add(text(body.getDataType()));
            }
            if (body.getDescription() != null) {
                descriptions.add(text(body.getDescription()));
            }
            required &= !Boolean.FALSE.equals(body.getRequired());
        }
        if (bodies.isEmpty() && consumed() != null) {
            types(consumed()).forEach(type -> content.put(type, List.of()));
        }
        if (!content.isEmpty()) {
            ObjectNode body = operation.putObject("requestBody").put("required", required);
            if (!descriptions.isEmpty()) {
                body.put("description", String.join("; ", descriptions) + ".");
            }
            ObjectNode described = body.putObject("content");
            content.forEach((type, schemas) -> described.set(
                    type, isClass(verb.getType()) && read.has(type) ? read.get(type) : components.content(schemas)));
        }
    }

    private String consumed() {
        return verb.getConsumes() != null ? verb.getConsumes() : rest.getConsumes();
    }

    private String produced() {
        return verb.getProduces() != null ? verb.getProduces() : rest.getProduces();
    }

    private void answers(ObjectNode answers) {
        for (ResponseMessageDefinition message : verb.getResponseMsgs()) {
            String code = text(message.getCode());
            ObjectNode answer = answers.withObject("/" + code);
            if (!isClass(message.getResponseModel())) {
                answer.remove("content");
            }
            answer.remove("headers");
            List<String> model =
                    message.getResponseModel() == null ? List.of() : List.of(text(message.getResponseModel()));
            if (code.matches("[45]\\d\\d")) {
                problem(Integer.parseInt(code), message, answer);
            } else if (!code.equals("204") && produced() != null && !answer.has("content")) {
                types(produced()).forEach(type -> answer.withObject("/content").set(type, components.content(model)));
            }
            headers(message, answer);
        }
        if (verb.getResponseMsgs().stream().noneMatch(each -> "default".equals(each.getCode()))) {
            answers.putObject("default").put("$ref", "#/components/responses/Problem");
        }
        answers.forEach(answer -> {
            if (!answer.has("$ref") && !answer.has("description")) {
                ((ObjectNode) answer).put("description", "");
            }
        });
    }

    /** The problems that the answer names as its examples, type and detail; else those that are usual for the status. */
    private void problem(int status, ResponseMessageDefinition message, ObjectNode answer) {
        List<JsonNode> problems = new ArrayList<>();
        if (message.getExamples() == null || message.getExamples().isEmpty()) {
            components.problems().stream()
                    .filter(each -> each.path("status").asInt() == status)
                    .filter(each -> !each.path("type").asText().endsWith(":malformed") || !bodies.isEmpty())
                    .forEach(problems::add);
        } else {
            for (RestPropertyDefinition example : message.getExamples()) {
                problems.add(ProblemAnswer.body(problem(status, text(example.getKey()), text(example.getValue()))));
            }
        }
        answer.set("content", components.problems(Components.named(problems)));
        if (problems.stream().anyMatch(Components::isWaitedFor)) {
            components.waiting(answer);
        }
    }

    /** Of a field that is wrong the detail begins with the pointer to it. */
    private static Problem problem(int status, String type, String detail) {
        String[] parts = detail.split(" ", 2);
        return type.equals("invalid") && parts.length == 2
                ? Problem.invalid(status, List.of(new Problem.Violation(parts[0], parts[1])))
                : Problem.of(status, type, detail);
    }

    /** Of a class Camel's reader has made a model. */
    private boolean isClass(String type) {
        return type != null
                && context.getClassResolver().resolveClass(text(type).replace("[]", "")) != null;
    }

    private void headers(ResponseMessageDefinition message, ObjectNode answer) {
        if (message.getHeaders() == null) {
            return;
        }
        for (ResponseHeaderDefinition each : message.getHeaders()) {
            ObjectNode header = answer.withObject("/headers").putObject(text(each.getName()));
            if (each.getDescription() != null) {
                header.put("description", text(each.getDescription()));
            }
            header.putObject("schema").put("type", "string");
            typed(header, text(each.getDataType()));
        }
    }

    private static Set<String> types(String commas) {
        return new LinkedHashSet<>(List.of(commas.strip().split("\\s*,\\s*")));
    }

    private String text(String given) {
        return given == null ? null : context.resolvePropertyPlaceholders(given);
    }
}
