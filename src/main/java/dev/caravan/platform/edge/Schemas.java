package dev.caravan.platform.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.format.DateTimeFormat;
import com.networknt.schema.regex.JDKRegularExpressionFactory;
import com.networknt.schema.regex.RegularExpression;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.Location;
import dev.caravan.platform.context.ReloadingFile;
import dev.caravan.platform.edge.ProblemException.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The JSON Schemas {@code <name>.schema.json} of {@code SCHEMAS_DIR}. A missing schema is an error; only the name
 * {@link #NONE} accepts any JSON. A changed file applies within two seconds; an invalid one is logged and ignored.
 */
public final class Schemas extends ContextBean {

    public static final String NONE = "none";

    private static final SchemaValidatorsConfig CONFIG = SchemaValidatorsConfig.builder()
            .pathType(PathType.JSON_POINTER)
            .formatAssertionsEnabled(true)
            .typeLoose(false)
            .regularExpressionFactory(Schemas::expression)
            .build();

    private static final DateTimeFormat TIMESTAMPS = new DateTimeFormat() {
        @Override
        public boolean matches(ExecutionContext context, String value) {
            return Rfc3339.parse(value).isPresent();
        }
    };

    /**
     * The pattern of nearly every string: no NUL, which no database stores. Checked without a regular expression.
     */
    private static final String NO_NUL = "^[^\\u0000]*$";

    private static final String ENDING = ".schema.json";
    private static final Location SHIPPED = new Location("classpath:schemas");

    private final Map<String, Optional<JsonSchema>> schemas = new ConcurrentHashMap<>();
    private final Map<String, Optional<JsonSchema>> shipped = new ConcurrentHashMap<>();
    private final Map<String, ReloadingFile<JsonSchema>> files = new ConcurrentHashMap<>();
    private Location folder = SHIPPED;

    /**
     * Reads every schema of the folder.
     *
     * @throws IllegalArgumentException if the folder is missing or empty, or with one line for each invalid schema file
     */
    public void open() {
        if (folder.isShipped()) {
            return;
        }
        List<String> names;
        try {
            names = folder.files(ENDING);
        } catch (IOException e) {
            throw new IllegalArgumentException("SCHEMAS_DIR=" + folder.path() + ": " + Location.reason(e), e);
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException(
                    "SCHEMAS_DIR=" + folder.path() + ": there is no schema in it, no file *" + ENDING);
        }
        String wrong = names.stream()
                .map(name -> name.substring(0, name.length() - ENDING.length()))
                .map(this::problem)
                .flatMap(Optional::stream)
                .collect(Collectors.joining("\n"));
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(wrong);
        }
    }

    /**
     * Skips files equal to the shipped ones, which the build has tested: parsing all takes a third of a second.
     */
    private Optional<String> problem(String name) {
        try {
            Optional<byte[]> original = SHIPPED.file(name + ENDING).read(getCamelContext());
            Optional<byte[]> bytes = folder.file(name + ENDING).read(getCamelContext());
            if (original.isEmpty() || !Arrays.equals(original.get(), bytes.orElseThrow())) {
                find(name);
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(folder.file(name + ENDING).path() + ": " + Location.reason(e));
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Applies changes of the files. Must be called by one thread at a time. */
    public void refresh() {
        if (!folder.isShipped()) {
            schemas.values().removeIf(Optional::isEmpty);
            schemas.replaceAll((name, schema) -> schema.map(any -> refreshed(name)));
        }
    }

    private JsonSchema refreshed(String name) {
        Location file = folder.file(name + ENDING);
        ReloadingFile<JsonSchema> reloading = files.computeIfAbsent(
                name, any -> new ReloadingFile<>(file.path().toString(), file.path(), bytes -> schema(file, bytes)));
        reloading.refresh();
        return reloading.get();
    }

    /** The schema of that name; empty if the folder has none. */
    public Optional<JsonSchema> find(String name) {
        return schemas.computeIfAbsent(name, any -> load(folder, name));
    }

    /**
     * Must be called before a route that names the schema starts. Also finds files added while the program runs.
     *
     * @throws IllegalArgumentException if the folder has no such schema or it is invalid
     */
    public void require(String name) {
        schemas.remove(name, Optional.empty());
        if (!NONE.equals(name) && find(name).isEmpty()) {
            throw new IllegalArgumentException("there is no schema " + name + ": "
                    + (folder.isShipped() ? folder.text() : folder.path()) + " has no " + name + ENDING);
        }
    }

    /** The text of that schema; that of the shipped one if the folder has none of that name. */
    public Optional<JsonNode> described(String name) {
        return findOrShipped(name).map(JsonSchema::getSchemaNode);
    }

    /** Falls back to the shipped schema, because the folder may contain only the user's own. */
    private Optional<JsonSchema> findOrShipped(String name) {
        Optional<JsonSchema> own = find(name);
        return own.isPresent() ? own : shipped.computeIfAbsent(name, any -> load(SHIPPED, name));
    }

    /** The properties of the schema that are timestamps. */
    List<String> timestamps(String name) {
        return described(name).stream()
                .flatMap(schema -> schema.path("properties").properties().stream())
                .filter(field -> field.getValue().path("format").asText().equals(TIMESTAMPS.getName()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * @throws ProblemException naming every wrong field, in the order in which the schema names the fields
     * @throws IllegalStateException if there is no such schema
     */
    public void check(String name, JsonNode json, int status) {
        if (NONE.equals(name)) {
            return;
        }
        JsonSchema schema = findOrShipped(name)
                .orElseThrow(() -> new IllegalStateException("There is no schema " + name + " to check this with"));
        List<Violation> violations = violations(schema, json);
        if (!violations.isEmpty()) {
            throw ProblemException.invalid(status, violations);
        }
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
                .sorted(Comparator.comparingInt(violation -> rank(order, violation)))
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
        String detail = readable(text.startsWith(prefix) ? text.substring(prefix.length()) : text);
        // The validator reports a missing or unknown property at its parent; clients expect its own pointer.
        return message.getProperty() == null
                ? new Violation(pointer, detail)
                : new Violation(
                        pointer + "/" + escaped(message.getProperty()),
                        message.getType().equals("required") ? "is required" : "is not known");
    }

    /** Rewrites two of the validator's messages. */
    private static String readable(String detail) {
        return detail.endsWith(NO_NUL)
                ? "must not contain the character NUL"
                : detail.replace("at least 1 characters", "at least 1 character");
    }

    /** Escapes a field's name for a JSON Pointer. */
    public static String escaped(String field) {
        return field.replace("~", "~0").replace("/", "~1");
    }

    private static RegularExpression expression(String pattern) {
        return pattern.equals(NO_NUL)
                ? text -> text.indexOf('\0') < 0
                : JDKRegularExpressionFactory.getInstance().getRegularExpression(pattern);
    }

    private Optional<JsonSchema> load(Location folder, String name) {
        Location file = folder.file(name + ENDING);
        try {
            return file.read(getCamelContext()).map(bytes -> schema(file, bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(file.text() + ": " + Location.reason(e), e);
        }
    }

    /** @throws IllegalArgumentException naming the file if it is not a valid schema */
    private JsonSchema schema(Location file, byte[] bytes) {
        JsonSchemaFactory factory = JsonSchemaFactory.getInstance(
                SpecVersion.VersionFlag.V202012,
                builder -> builder.metaSchema(JsonMetaSchema.builder(JsonMetaSchema.getV202012())
                        .format(TIMESTAMPS)
                        .build()));
        try {
            if (!file.isShipped()) {
                // Otherwise a misspelt "type" would be ignored, or fail only at the first message.
                List<Violation> violations =
                        violations(factory.getSchema(SchemaLocation.of(SchemaId.V202012), CONFIG), Json.parse(bytes));
                if (!violations.isEmpty()) {
                    throw ProblemException.invalid(400, violations);
                }
            }
            JsonSchema schema = factory.getSchema(new String(bytes, StandardCharsets.UTF_8), InputFormat.JSON, CONFIG);
            schema.initializeValidators();
            return schema;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(file.text() + " is no JSON Schema: " + ErrorText.line(e), e);
        }
    }

    /** A path, or a resource of the program such as {@code classpath:schemas}. */
    public void setFolder(String folder) {
        this.folder = new Location(folder);
    }
}
