package dev.caravan.platform.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.Location;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.http.MountedEndpoint;
import dev.caravan.platform.security.Authenticator;
import io.swagger.v3.core.util.Json31;
import io.swagger.v3.core.util.Yaml31;
import io.swagger.v3.oas.models.OpenAPI;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.model.Model;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.VerbDefinition;
import org.apache.camel.openapi.BeanConfig;
import org.apache.camel.openapi.OpenApiHelper;
import org.apache.camel.openapi.RestOpenApiReader;
import org.apache.camel.openapi.RestOpenApiSupport;
import org.apache.camel.spi.RestApiProcessorFactory;
import org.apache.camel.spi.RestConfiguration;
import org.apache.camel.util.function.Suppliers;
import org.apache.camel.util.function.ThrowingSupplier;

/**
 * The answer of {@code GET /openapi}: the document that Camel generates from the REST operations, with the streams, overlaid with
 * {@code openapi.yaml}. The first request after an edit that changes an operation or a stream generates the document, and later ones get
 * the same bytes.
 */
public final class OpenApiDocument extends ContextBean implements RestApiProcessorFactory {

    private static final Map<String, String> JSON_TYPES = Map.of(
            "integer", "integer", "int", "integer", "long", "integer", "number", "number", "float", "number", "double",
            "number", "boolean", "boolean", "array", "array");

    private static final Pattern PART = Pattern.compile("\\{([^}]+)}");

    private Location folder = new Location("classpath:schemas");

    @Override
    public Processor createApiProcessor(
            CamelContext context, String path, RestConfiguration configuration, Map<String, Object> parameters) {
        AtomicReference<Written> last = new AtomicReference<>(write(context, configuration));
        if (context != getCamelContext()) {
            // The check of an edit: rejects operations that cannot be described.
            last.get().document().get();
        }
        return exchange -> {
            List<String> streams = streams(context).map(OpenApiDocument::name).toList();
            // An edit of a stream does not replace the route of this document, because a stream is not a REST
            // operation.
            Written current =
                    last.updateAndGet(each -> each.streams().equals(streams) ? each : write(context, configuration));
            Message reply = exchange.getMessage();
            boolean asYaml = reply.getHeader("Accept", "", String.class)
                    .toLowerCase(Locale.ROOT)
                    .contains("yaml");
            reply.removeHeaders("*");
            reply.setHeader(Exchange.CONTENT_TYPE, asYaml ? "text/yaml" : "application/json");
            reply.setBody((asYaml ? current.yaml() : current.json()).get());
        };
    }

    /** @param streams that it describes */
    private record Written(
            List<String> streams, Supplier<ObjectNode> document, Supplier<byte[]> json, Supplier<byte[]> yaml) {}

    /** Lazy, because it would delay the start, and requests that wait for an edit, by some 450 ms the first time. */
    private Written write(CamelContext context, RestConfiguration configuration) {
        Supplier<ObjectNode> document = once(() -> read(context, configuration));
        return new Written(
                streams(context).map(OpenApiDocument::name).toList(),
                document,
                once(() -> written(Json31.mapper(), document.get())),
                once(() -> written(Yaml31.mapper(), document.get())));
    }

    private static Stream<Route> streams(CamelContext context) {
        return context.getRoutes().stream().filter(route -> route.getEndpoint() instanceof MountedEndpoint);
    }

    private static String name(Route route) {
        return route.getId() + " " + ((MountedEndpoint) route.getEndpoint()).operation() + " " + route.getDescription();
    }

    private static <T> Supplier<T> once(ThrowingSupplier<T, Exception> made) {
        return Suppliers.memorize(made, e -> {
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        });
    }

    private static byte[] written(ObjectMapper mapper, ObjectNode document) throws IOException {
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
    }

    private ObjectNode read(CamelContext context, RestConfiguration configuration)
            throws ClassNotFoundException, IOException {
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        List<RestDefinition> rests = model.getRestDefinitions();
        BeanConfig config = new BeanConfig();
        new RestOpenApiSupport().initOpenApi(config, new HashMap<>(configuration.getApiProperties()));
        OpenAPI read =
                new RestOpenApiReader().read(context, rests, config, context.getName(), context.getClassResolver());
        OpenApiHelper.clearVendorExtensions(read);
        ObjectNode document = Json31.mapper().valueToTree(read);
        // Relative, because the URL of a proxy in front is unknown.
        document.putArray("servers").addObject().put("url", "/");
        streams(context).forEach(route -> addStream(document, route));
        Map<String, ObjectNode> operations = operations(document);
        for (RestDefinition rest : rests) {
            for (VerbDefinition verb : rest.getVerbs()) {
                if (operations.containsKey(verb.getId())) {
                    complete(operations.get(verb.getId()), rest, verb);
                }
            }
        }
        Overlay.read(context, new Location("classpath:" + Overlay.FILE)).applyTo(document, operations);
        Overlay.read(context, folder.file(Overlay.FILE)).applyTo(document, operations);
        new OpenApiComponents(document, bean(Schemas.class)).complete(operations.values());
        return document;
    }

    private static Map<String, ObjectNode> operations(ObjectNode document) {
        Map<String, ObjectNode> operations = new LinkedHashMap<>();
        document.path("paths")
                .forEach(path -> path.forEach(operation ->
                        operations.put(operation.path("operationId").asText(), (ObjectNode) operation)));
        return operations;
    }

    /** Adds what Camel's reader omits, and replaces its Java type names. */
    private void complete(ObjectNode operation, RestDefinition rest, VerbDefinition verb) {
        for (JsonNode schema : operation.path("parameters").findValues("schema")) {
            ((ObjectNode) schema)
                    .put("type", JSON_TYPES.getOrDefault(schema.path("type").asText(), "string"));
        }
        String consumes = verb.getConsumes() != null ? verb.getConsumes() : rest.getConsumes();
        if (!operation.has("requestBody") && consumes != null) {
            media(operation.putObject("requestBody").put("required", true), consumes);
        } else if (verb.getType() == null) {
            // Camel declares every body as a string.
            operation.at("/requestBody/content").forEach(content -> ((ObjectNode) content).remove("schema"));
        }
        String produces = verb.getProduces() != null ? verb.getProduces() : rest.getProduces();
        operation.path("responses").fields().forEachRemaining(answer -> {
            if (produces != null
                    && answer.getKey().matches("20[0-3]")
                    && !answer.getValue().has("content")) {
                media((ObjectNode) answer.getValue(), produces);
            }
        });
        secure(operation, path(rest.getPath()) + path(verb.getPath()));
    }

    /** As far as its route describes it. */
    private void addStream(ObjectNode document, Route route) {
        String[] methodAndPath =
                ((MountedEndpoint) route.getEndpoint()).operation().split(" ", 2);
        ObjectNode paths = document.withObject("/paths");
        ObjectNode item =
                paths.get(methodAndPath[1]) instanceof ObjectNode present ? present : paths.putObject(methodAndPath[1]);
        ObjectNode operation = item.putObject(methodAndPath[0].toLowerCase(Locale.ROOT));
        operation.put("operationId", route.getId()).put("summary", route.getDescription());
        operation.putArray("tags").add(route.getGroup());
        ArrayNode parameters = operation.putArray("parameters");
        PART.matcher(methodAndPath[1]).results().forEach(part -> parameter(parameters, part.group(1), "path")
                .put("required", true));
        parameter(parameters, "Last-Event-ID", "header");
        parameter(parameters, "after", "query");
        ObjectNode success = operation.putObject("responses").putObject("200");
        success.put("description", "The events.");
        media(success, "text/event-stream");
        secure(operation, methodAndPath[1]);
    }

    private static ObjectNode parameter(ArrayNode parameters, String name, String in) {
        ObjectNode parameter = parameters.addObject().put("name", name).put("in", in);
        parameter.putObject("schema").put("type", "string");
        return parameter;
    }

    private void secure(ObjectNode operation, String path) {
        Authenticator authenticator = bean(Authenticator.class);
        if (!authenticator.isPublic(path)) {
            ArrayNode either = operation.putArray("security");
            if (!authenticator.isEnabled()) {
                // The token is optional.
                either.addObject();
            }
            either.addObject().putArray("bearer");
            either.addObject().putArray("token");
        }
    }

    private static void media(ObjectNode described, String types) {
        for (String type : types.split("\\s*,\\s*")) {
            described.withObject("/content").putObject(type);
        }
    }

    private static String path(String part) {
        return part == null ? "" : part;
    }

    /** The folder of a user's own {@code openapi.yaml}. */
    public void setFolder(String folder) {
        this.folder = new Location(folder);
    }
}
