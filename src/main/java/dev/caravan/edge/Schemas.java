package dev.caravan.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.regex.JDKRegularExpressionFactory;
import com.networknt.schema.regex.RegularExpression;
import dev.caravan.context.InContext;
import dev.caravan.edge.Problem.Violation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;

/** The JSON Schemas {@code <name>.schema.json} of one folder. */
public final class Schemas extends InContext {

    private static final SchemaValidatorsConfig CONFIG = SchemaValidatorsConfig.builder()
            .pathType(PathType.JSON_POINTER)
            .formatAssertionsEnabled(true)
            .typeLoose(false)
            .regularExpressionFactory(Schemas::expression)
            .build();

    /** "No NUL in it", which a database could not keep, is asked of nearly every text of every message. */
    private static final String NO_NUL = "^[^\\u0000]*$";

    private static final String SHIPPED = "classpath:schemas";

    private final Map<String, Optional<JsonSchema>> schemas = new ConcurrentHashMap<>();
    private String folder = SHIPPED;

    /** The schema of that name, if there is one. */
    public Optional<JsonSchema> find(String name) {
        return schemas.computeIfAbsent(name, any -> load(folder, name));
    }

    /** The text of that schema, or of the shipped one of that name: it may describe what the folder says nothing of. */
    public Optional<JsonNode> described(String name) {
        return find(name).or(() -> load(SHIPPED, name)).map(JsonSchema::getSchemaNode);
    }

    /** @throws Problem naming every wrong field, in the order in which the schema names the fields */
    public void check(String name, JsonNode json, int status) {
        find(name).ifPresent(schema -> {
            List<Violation> violations = violations(schema, json);
            if (!violations.isEmpty()) {
                throw Problem.invalid(status, violations);
            }
        });
    }

    private static List<Violation> violations(JsonSchema schema, JsonNode json) {
        var messages = schema.validate(json);
        if (messages.isEmpty()) {
            return List.of();
        }
        List<String> order = new ArrayList<>();
        schema.getSchemaNode().path("properties").fieldNames().forEachRemaining(field -> order.add("/" + field));
        return messages.stream()
                .map(Schemas::violation)
                .distinct()
                .sorted((a, b) -> Integer.compare(rank(order, a), rank(order, b)))
                .toList();
    }

    private static int rank(List<String> order, Violation violation) {
        int end = violation.pointer().indexOf('/', 1);
        int at = order.indexOf(
                end < 0 ? violation.pointer() : violation.pointer().substring(0, end));
        return at < 0 ? order.size() : at;
    }

    private static Violation violation(ValidationMessage message) {
        String pointer = message.getInstanceLocation().toString();
        String text = message.getMessage();
        String prefix = pointer + ": ";
        String detail = text.startsWith(prefix) ? text.substring(prefix.length()) : text;
        // A missing or unknown property is reported at its parent; a reader looks for the property itself.
        return message.getProperty() == null
                ? new Violation(pointer, detail)
                : new Violation(
                        pointer + "/" + escaped(message.getProperty()),
                        absent(message) ? "is required" : "is not known");
    }

    /** A field's name as a part of a JSON Pointer. */
    public static String escaped(String field) {
        return field.replace("~", "~0").replace("/", "~1");
    }

    private static boolean absent(ValidationMessage message) {
        return "required".equals(message.getType());
    }

    private static RegularExpression expression(String pattern) {
        return pattern.equals(NO_NUL)
                ? text -> text.indexOf('\0') < 0
                : JDKRegularExpressionFactory.getInstance().getRegularExpression(pattern);
    }

    private Optional<JsonSchema> load(String folder, String name) {
        Resource resource = ResourceHelper.resolveResource(getCamelContext(), folder + "/" + name + ".schema.json");
        if (resource == null || !resource.exists()) {
            return Optional.empty();
        }
        try (InputStream in = resource.getInputStream()) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(text, InputFormat.JSON, CONFIG);
            schema.initializeValidators();
            return Optional.of(schema);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A path, or a Camel resource such as {@code classpath:schemas}. */
    public void setFolder(String folder) {
        this.folder = folder.contains(":") ? folder : "file:" + folder;
    }
}
