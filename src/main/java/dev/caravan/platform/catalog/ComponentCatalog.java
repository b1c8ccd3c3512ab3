package dev.caravan.platform.catalog;

import dev.caravan.platform.context.Spelling;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.tooling.model.ArtifactModel;

/** Camel's catalogue of the program's Camel version: which artifact has a component, data format or language. */
public final class ComponentCatalog {

    public static final String GROUP = "org.apache.camel";

    private static final String PREFIX = "camel-";

    private final CamelCatalog catalog = new DefaultCamelCatalog();

    /** The program's Camel version. */
    public String camelVersion() {
        return catalog.getCatalogVersion();
    }

    /** The artifact, such as {@code camel-mail}, that has the component with this scheme. */
    public Optional<String> ofComponent(String scheme) {
        return artifact(catalog.componentModel(scheme));
    }

    public Optional<String> ofDataFormat(String name) {
        return artifact(catalog.dataFormatModel(name));
    }

    public Optional<String> ofLanguage(String name) {
        return artifact(catalog.languageModel(name));
    }

    /** @param name of an artifact, with or without {@code camel-}, or of what it has */
    public Optional<String> find(String name) {
        String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        return ofComponent(plain)
                .or(() -> ofDataFormat(plain))
                .or(() -> ofLanguage(plain))
                .or(() -> artifact(catalog.otherModel(plain)))
                .or(() -> artifact(catalog.modelFromMavenGAV(GROUP, PREFIX + plain, camelVersion())));
    }

    /** The known name, of an artifact or of what it has, that is most like an unknown one. */
    public Optional<String> like(String unknown) {
        String plain = unknown.startsWith(PREFIX) ? unknown.substring(PREFIX.length()) : unknown;
        Set<String> names = new TreeSet<>();
        for (String component : catalog.findComponentNames()) {
            names.add(component);
            ofComponent(component).ifPresent(artifact -> names.add(artifact.substring(PREFIX.length())));
        }
        names.addAll(catalog.findDataFormatNames());
        names.addAll(catalog.findLanguageNames());
        names.addAll(catalog.findOtherNames());
        return names.stream()
                .filter(name -> Spelling.distance(plain, name) <= (plain.length() < 6 ? 1 : 2))
                .min(Comparator.comparing(name -> Spelling.distance(plain, name)));
    }

    private static Optional<String> artifact(ArtifactModel<?> model) {
        return Optional.ofNullable(model).map(ArtifactModel::getArtifactId);
    }
}
