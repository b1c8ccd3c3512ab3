package dev.caravan.platform.catalog;

import dev.caravan.platform.context.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.catalog.EndpointValidationResult;
import org.apache.camel.tooling.model.ArtifactModel;

/** Camel's catalogue: finds the artifact of a component, data format or language, and checks endpoint URIs. */
public final class ComponentCatalog {

    public static final String GROUP = "org.apache.camel";

    private static final String PREFIX = "camel-";

    /**
     * A mistake in an endpoint's URI.
     *
     * @param option the option's name
     */
    public record OptionMistake(String option, String reason) {}

    private final CamelCatalog catalog = new DefaultCamelCatalog();

    public ComponentCatalog() {
        catalog.setSuggestionStrategy(
                (names, unknown) -> Spelling.closest(unknown, names).toArray(String[]::new));
    }

    /** The program's Camel version. */
    public String camelVersion() {
        return catalog.getCatalogVersion();
    }

    /** The artifact of the component with this scheme, such as {@code camel-mail}. */
    public Optional<String> ofComponent(String scheme) {
        return artifact(catalog.componentModel(scheme));
    }

    public Optional<String> ofDataFormat(String name) {
        return artifact(catalog.dataFormatModel(name));
    }

    public Optional<String> ofLanguage(String name) {
        return artifact(catalog.languageModel(name));
    }

    /** @param name of an artifact, with or without {@code camel-}, or of its component, data format or language */
    public Optional<String> find(String name) {
        String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        return ofComponent(plain)
                .or(() -> ofDataFormat(plain))
                .or(() -> ofLanguage(plain))
                .or(() -> artifact(catalog.otherModel(plain)))
                .or(() -> artifact(catalog.modelFromMavenGAV(GROUP, PREFIX + plain, camelVersion())));
    }

    /** The known name of an artifact, component, data format or language that is closest to an unknown one. */
    public Optional<String> closest(String unknown) {
        String plain = unknown.startsWith(PREFIX) ? unknown.substring(PREFIX.length()) : unknown;
        Set<String> names = new TreeSet<>();
        for (String component : catalog.findComponentNames()) {
            names.add(component);
            ofComponent(component).ifPresent(artifact -> names.add(artifact.substring(PREFIX.length())));
        }
        names.addAll(catalog.findDataFormatNames());
        names.addAll(catalog.findLanguageNames());
        names.addAll(catalog.findOtherNames());
        return Spelling.closest(plain, names).stream().findFirst();
    }

    /**
     * Unknown options, options with values of the wrong type, and missing required options. Placeholders, beans and simple
     * expressions match any type. URIs of components outside the catalogue have no mistakes.
     */
    public List<OptionMistake> mistakes(String uri) {
        EndpointValidationResult result = catalog.validateEndpointProperties(uri);
        String scheme = scheme(uri);
        List<OptionMistake> mistakes = new ArrayList<>();
        for (String option : Objects.requireNonNullElse(result.getUnknown(), Set.<String>of())) {
            String[] like = result.getUnknownSuggestions() == null
                    ? null
                    : result.getUnknownSuggestions().get(option);
            mistakes.add(new OptionMistake(
                    option,
                    scheme + " has no option " + option
                            + (like == null || like.length == 0 ? "" : "; did you mean " + like[0] + "?")));
        }
        add(mistakes, scheme, result.getInvalidBoolean(), "true or false");
        add(mistakes, scheme, result.getInvalidInteger(), "a whole number");
        add(mistakes, scheme, result.getInvalidNumber(), "a number");
        // The catalogue rejects 500ms, which Camel accepts.
        Map<String, String> durations =
                new TreeMap<>(Objects.requireNonNullElse(result.getInvalidDuration(), Map.<String, String>of()));
        durations.values().removeIf(value -> value.matches(".*\\d.*"));
        add(mistakes, scheme, durations, "a duration, such as 5s");
        Map<String, String> enums = Objects.requireNonNullElse(result.getInvalidEnum(), Map.<String, String>of());
        enums.forEach((option, value) -> add(
                mistakes, scheme, Map.of(option, value), "one of " + String.join(", ", result.getEnumChoices(option))));
        for (String option : Objects.requireNonNullElse(result.getRequired(), Set.<String>of())) {
            mistakes.add(new OptionMistake(option, scheme + " requires the option " + option));
        }
        return mistakes;
    }

    private static void add(List<OptionMistake> mistakes, String scheme, Map<String, String> invalid, String expected) {
        if (invalid != null) {
            invalid.forEach((option, value) -> mistakes.add(new OptionMistake(
                    option,
                    "the option " + option + " of " + scheme + " must be " + expected + ", not '" + value + "'")));
        }
    }

    private static String scheme(String uri) {
        return uri.replaceFirst(":.*", "");
    }

    private static Optional<String> artifact(ArtifactModel<?> model) {
        return Optional.ofNullable(model).map(ArtifactModel::getArtifactId);
    }
}
