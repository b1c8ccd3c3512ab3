package dev.caravan.live;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.serialization.JsonNodeReader;
import com.networknt.schema.utils.JsonNodes;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.apache.camel.dsl.yaml.YamlRoutesBuilderLoader;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The checks of a route file that need no context: whether it is YAML or XML, and whether it matches the schema of
 * Camel's YAML DSL.
 */
final class RouteFileSyntax {

    private static final Set<String> XML_ROOTS = Set.of(
            "camel",
            "beans",
            "blueprint",
            "routes",
            "route",
            "rests",
            "rest",
            "routeConfigurations",
            "routeConfiguration",
            "routeTemplates",
            "routeTemplate",
            "templatedRoutes",
            "templatedRoute",
            "dataFormats",
            "dataFormat");

    /** Allowed for any type: the schema may require a number or a boolean, and the value is known only at run time. */
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{.*}}");

    /** Limit of the nesting, because later parsers are recursive. */
    private static final int MAX_DEPTH = 200;

    private static final String EMPTY = "it is empty";
    private static final String TOO_DEEP = "it is nested more than " + MAX_DEPTH + " levels deep";

    private static final String UNREADABLE = "the YAML parser cannot read an emoji, or another character beyond U+FFFF,"
            + " from here on: write it as \\U0001F600 in double quotes, or move it by one character";

    private static final JsonNodeReader READER =
            JsonNodeReader.builder().locationAware().build();

    private RouteFileSyntax() {}

    static void check(RouteFile file) throws InvalidRouteFileException {
        read(file);
        if (file.isYaml()) {
            schema(file);
        }
    }

    /** Parses a file without the schema. */
    static void read(RouteFile file) throws InvalidRouteFileException {
        if (file.text().isBlank()) {
            throw new InvalidRouteFileException(file.name(), EMPTY);
        }
        if (file.isYaml()) {
            yaml(file);
        } else {
            xml(file);
        }
    }

    /** Loads the schema before the first check needs it. */
    static void prepare() {
        Dsl.SCHEMA.validate(JsonNodeFactory.instance.arrayNode());
    }

    private static void yaml(RouteFile file) throws InvalidRouteFileException {
        int depth = 0;
        boolean empty = true;
        try {
            for (Event event : new Parse(LoadSettings.builder().build()).parseString(file.text())) {
                if (event instanceof AliasEvent) {
                    // A few lines of aliases can expand to more than the heap.
                    throw at(file, event.getStartMark(), "YAML aliases are not supported; repeat the content");
                }
                depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
                if (depth > MAX_DEPTH) {
                    throw at(file, event.getStartMark(), TOO_DEEP);
                }
                empty &= !(event instanceof NodeEvent);
            }
        } catch (IndexOutOfBoundsException e) {
            // The parser, which Camel's loader uses too, fails if a surrogate pair is split between two buffers.
            int line = 1
                    + (int) file.text()
                            .lines()
                            .takeWhile(each -> each.chars().noneMatch(c -> Character.isSurrogate((char) c)))
                            .count();
            throw new InvalidRouteFileException(file, line, UNREADABLE);
        } catch (MarkedYamlEngineException e) {
            throw at(file, e.getProblemMark(), e.getProblem());
        } catch (YamlEngineException e) {
            throw new InvalidRouteFileException(file.name(), e.getMessage());
        }
        if (empty) {
            throw new InvalidRouteFileException(file.name(), EMPTY);
        }
    }

    static InvalidRouteFileException at(RouteFile file, Optional<Mark> mark, String reason) {
        return new InvalidRouteFileException(
                file.name(),
                mark.map(Mark::getLine).orElse(-1) + 1,
                mark.map(Mark::getColumn).orElse(-1) + 1,
                reason);
    }

    private static void schema(RouteFile file) throws InvalidRouteFileException {
        JsonNode document;
        try {
            document = READER.readTree(file.text(), InputFormat.YAML);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
            throw new InvalidRouteFileException(
                    file.name(), e.getCause().getMessage().lines().findFirst().orElse(""));
        }
        List<ValidationMessage> errors = intended(Dsl.SCHEMA.validate(document).stream()
                .filter(each -> !isPlaceholder(each.getInstanceNode()))
                .toList());
        if (!errors.isEmpty()) {
            throw InvalidRouteFileException.of(
                    errors.stream().map(each -> at(file, each)).toList());
        }
    }

    /**
     * Omits an error if there is a deeper one within the same value: of several alternatives that do not match, the
     * deepest error belongs to the intended one. At the same place, errors of names replace those of types.
     */
    private static List<ValidationMessage> intended(List<ValidationMessage> all) {
        List<ValidationMessage> kept = new ArrayList<>();
        all.stream()
                .sorted(Comparator.comparingInt((ValidationMessage each) ->
                                -each.getInstanceLocation().getNameCount())
                        .thenComparing(each -> each.getProperty() == null))
                .filter(each -> kept.stream()
                        .noneMatch(deeper -> deeper.getInstanceLocation().startsWith(each.getInstanceLocation())
                                && !(isName(each)
                                        && isName(deeper)
                                        && deeper.getInstanceLocation().equals(each.getInstanceLocation()))))
                .forEach(kept::add);
        return kept;
    }

    private static boolean isName(ValidationMessage error) {
        return error.getType().equals("additionalProperties");
    }

    private static InvalidRouteFileException at(RouteFile file, ValidationMessage error) {
        JsonNode child =
                error.getProperty() == null ? null : error.getInstanceNode().get(error.getProperty());
        JsonLocation location = JsonNodes.tokenLocationOf(child == null ? error.getInstanceNode() : child);
        // The location is that of the value. Its name is on the same line or above.
        int named = child == null ? 0 : file.lineUpwards(location.getLineNr(), error.getProperty());
        return named > 0
                ? new InvalidRouteFileException(file, named, reason(error))
                : new InvalidRouteFileException(
                        file.name(), location.getLineNr(), location.getColumnNr(), reason(error));
    }

    private static boolean isPlaceholder(JsonNode node) {
        return node.isTextual() && PLACEHOLDER.matcher(node.textValue()).matches();
    }

    private static String reason(ValidationMessage error) {
        return switch (error.getType()) {
            case "additionalProperties" -> "'" + error.getProperty() + "' is not known here";
            case "required" -> "'" + error.getProperty() + "' is missing";
            default -> error.getMessage().replaceFirst("^(\\$\\S*)?: ", "");
        };
    }

    private static void xml(RouteFile file) throws InvalidRouteFileException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(file.text()));
            reader.nextTag();
            if (!XML_ROOTS.contains(reader.getLocalName())) {
                throw new InvalidRouteFileException(
                        file.name(),
                        reader.getLocation().getLineNumber(),
                        1,
                        "'" + reader.getLocalName() + "' cannot be the root element of a route file");
            }
            int depth = 0;
            while (reader.hasNext()) {
                int event = reader.next();
                depth += event == XMLStreamReader.START_ELEMENT ? 1 : event == XMLStreamReader.END_ELEMENT ? -1 : 0;
                if (depth > MAX_DEPTH) {
                    throw new InvalidRouteFileException(
                            file.name(), reader.getLocation().getLineNumber(), 1, TOO_DEEP);
                }
            }
        } catch (XMLStreamException e) {
            throw new InvalidRouteFileException(
                    file.name(),
                    e.getLocation().getLineNumber(),
                    e.getLocation().getColumnNumber(),
                    e.getMessage().replaceFirst("(?s).*Message: ", ""));
        }
    }

    /**
     * Holds the schema of 20,000 lines, which is read with the first check. Only used parts are compiled, because all of
     * them would take 250 MiB.
     */
    private static final class Dsl {
        static final JsonSchema SCHEMA = JsonSchemaFactory.getInstance(VersionFlag.V4)
                .getSchema(
                        YamlRoutesBuilderLoader.class.getResourceAsStream("/schema/camelYamlDsl.json"),
                        SchemaValidatorsConfig.builder()
                                .preloadJsonSchema(false)
                                .build());
    }
}
