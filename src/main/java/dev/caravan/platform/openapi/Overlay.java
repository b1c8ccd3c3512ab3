package dev.caravan.platform.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.Location;
import dev.caravan.platform.edge.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A file {@code openapi.yaml}: {@code operations} has members of operations by {@code operationId}, {@code components}
 * parts of the document's components. A member replaces the document's member of that name. Unknown operations are
 * ignored, because a role or an edit may omit an operation.
 */
record Overlay(JsonNode text) {

    static final String FILE = "openapi.yaml";

    private static final int MAX_ALIASES = 10_000;

    /**
     * Reads the file; empty if it does not exist.
     *
     * @throws IllegalArgumentException naming the file if it is not YAML
     */
    static Overlay read(CamelContext context, Location file) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setAllowDuplicateKeys(false);
        String text = file.read(context)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("{}");
        try {
            // Jackson's YAML reader does not support anchors.
            return new Overlay(Json.MAPPER.valueToTree(new Yaml(new SafeConstructor(options)).load(text)));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(file.text() + " cannot be read: " + ErrorText.line(e), e);
        }
    }

    /** @throws IllegalArgumentException if a part of the file is not an object */
    void applyTo(ObjectNode document, Map<String, ObjectNode> operations) {
        text.path("components").fields().forEachRemaining(kind -> document.withObject("/components")
                .withObject("/" + kind.getKey())
                .setAll(members(kind)));
        text.path("operations").fields().forEachRemaining(operation -> {
            if (operations.containsKey(operation.getKey())) {
                operations.get(operation.getKey()).setAll(members(operation));
            }
        });
    }

    private static ObjectNode members(Map.Entry<String, JsonNode> part) {
        if (part.getValue() instanceof ObjectNode members) {
            return members;
        }
        throw new IllegalArgumentException(FILE + ": " + part.getKey() + " must be an object");
    }
}
