package dev.caravan.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.context.InContext;
import dev.caravan.edge.Schemas;
import dev.caravan.security.Authenticate;
import io.swagger.v3.core.util.Json31;
import io.swagger.v3.core.util.Yaml31;
import io.swagger.v3.oas.models.OpenAPI;
import java.io.File;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.impl.engine.DefaultClassResolver;
import org.apache.camel.model.Model;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.VerbDefinition;
import org.apache.camel.openapi.BeanConfig;
import org.apache.camel.openapi.OpenApiHelper;
import org.apache.camel.openapi.RestOpenApiReader;
import org.apache.camel.openapi.RestOpenApiSupport;
import org.apache.camel.spi.RestApiProcessorFactory;
import org.apache.camel.spi.RestConfiguration;

/**
 * What {@code GET /openapi} answers: Camel's reading of the REST operations, completed with what that reading leaves out. Its route is
 * made anew by each edit that changes an operation; the first caller after that has it written, and everybody gets the same bytes.
 *
 * <p>Where the REST DSL asks for a type, the name of a JSON Schema may stand: {@code dataType} of a parameter, a body or a header,
 * {@code responseModel} of an answer; {@code name#part} means one of the schema's {@code $defs}. An operation that names none is
 * described without.
 */
public final class Document extends InContext implements RestApiProcessorFactory {

    @Override
    public Processor createApiProcessor(
            CamelContext context, String path, RestConfiguration configuration, Map<String, Object> parameters)
            throws Exception {
        Written written = new Written(context, configuration);
        if (context != getCamelContext()) {
            // An edit is tried: one whose operations cannot be described is refused.
            written.write();
        }
        return written;
    }

    /** A start, and the requests that wait for an edit, would be held up by it: some 450 ms the first time. */
    private final class Written implements Processor {

        private final CamelContext context;
        private final RestConfiguration configuration;
        private byte[] json;
        private byte[] yaml;

        Written(CamelContext context, RestConfiguration configuration) {
            this.context = context;
            this.configuration = configuration;
        }

        @Override
        public void process(Exchange exchange) throws Exception {
            write();
            answer(exchange, json, yaml);
        }

        synchronized void write() throws Exception {
            if (json == null) {
                JsonNode document = read(context, configuration);
                yaml = written(Yaml31.mapper(), document);
                json = written(Json31.mapper(), document);
            }
        }
    }

    private ObjectNode read(CamelContext context, RestConfiguration configuration)
            throws ClassNotFoundException, IOException {
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        List<RestDefinition> rests = model.getRestDefinitions();
        BeanConfig config = new BeanConfig();
        new RestOpenApiSupport().initOpenApi(config, new HashMap<>(configuration.getApiProperties()));
        OpenAPI read = new RestOpenApiReader().read(context, rests, config, context.getName(), new Lenient());
        OpenApiHelper.clearVendorExtensions(read);
        ObjectNode document = Json31.mapper().valueToTree(read);
        // Wherever it was fetched from: nobody here knows what stands in front of this port.
        document.putArray("servers").addObject().put("url", "/");
        sortTags(document);
        Components components = new Components(document, bean(Schemas.class));
        Authenticate authenticate = bean(Authenticate.class);
        for (RestDefinition rest : rests) {
            for (VerbDefinition verb : rest.getVerbs()) {
                operation(document, verb.getId()).ifPresent(operation -> {
                    new Operation(context, rest, verb, components).complete(operation);
                    if (!authenticate.isPublic(path(rest.getPath()) + path(verb.getPath()))) {
                        Components.secure(operation, !authenticate.isEnabled());
                    }
                });
            }
        }
        return document;
    }

    private static String path(String part) {
        return part == null ? "" : part;
    }

    private static Optional<ObjectNode> operation(ObjectNode document, String id) {
        return StreamSupport.stream(document.path("paths").spliterator(), false)
                .flatMap(path -> StreamSupport.stream(path.spliterator(), false))
                .filter(operation -> operation.path("operationId").asText().equals(id))
                .map(ObjectNode.class::cast)
                .findFirst();
    }

    /** Camel keeps them in the order in which the files were read. */
    private static void sortTags(ObjectNode document) {
        List<JsonNode> tags = StreamSupport.stream(document.path("tags").spliterator(), false)
                .sorted(Comparator.comparing(tag -> tag.path("name").asText()))
                .toList();
        document.putArray("tags").addAll(tags);
    }

    private static byte[] written(ObjectMapper mapper, JsonNode document) throws IOException {
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
    }

    private static void answer(Exchange exchange, byte[] json, byte[] yaml) {
        boolean asYaml = exchange.getMessage()
                .getHeader("Accept", "", String.class)
                .toLowerCase(Locale.ROOT)
                .contains("yaml");
        Message reply = exchange.getMessage();
        reply.removeHeaders("*");
        reply.setHeader(Exchange.CONTENT_TYPE, asYaml ? "text/yaml" : "application/json");
        reply.setBody(asYaml ? yaml : json);
    }

    /** What is no class may be the name of a schema; a file is what Camel's reader makes no model of. */
    private static final class Lenient extends DefaultClassResolver {
        @Override
        public Class<?> resolveMandatoryClass(String name) {
            Class<?> type = resolveClass(name);
            return type == null ? File.class : type;
        }
    }
}
