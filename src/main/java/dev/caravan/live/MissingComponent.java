package dev.caravan.live;

import dev.caravan.platform.catalog.ComponentCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names the command that adds a missing component, data format or language. */
final class MissingComponent {

    private static final Pattern SCHEME = Pattern.compile("No endpoint could be found for: ([\\w+.-]+)");
    private static final Pattern DATA_FORMAT = Pattern.compile("Data format '([\\w-]+)' could not be created");
    private static final Pattern LANGUAGE = Pattern.compile("No language could be found for: ([\\w-]+)");

    private MissingComponent() {}

    /** @param reason of Camel; returned unchanged unless something is missing */
    static String explain(ComponentCatalog catalog, String reason) {
        return explain(reason, SCHEME, "component", catalog, catalog::ofComponent)
                .or(() -> explain(reason, DATA_FORMAT, "data format", catalog, catalog::ofDataFormat))
                .or(() -> explain(reason, LANGUAGE, "language", catalog, catalog::ofLanguage))
                .orElse(reason);
    }

    private static Optional<String> explain(
            String reason,
            Pattern pattern,
            String kind,
            ComponentCatalog catalog,
            Function<String, Optional<String>> artifact) {
        Matcher missing = pattern.matcher(reason);
        return missing.find()
                ? Optional.of(text(catalog, kind, missing.group(1), artifact.apply(missing.group(1))))
                : Optional.empty();
    }

    static String component(ComponentCatalog catalog, String scheme) {
        return text(catalog, "component", scheme, catalog.ofComponent(scheme));
    }

    private static String text(ComponentCatalog catalog, String kind, String name, Optional<String> artifact) {
        if (artifact.isEmpty()) {
            return "there is no " + kind + " " + name + " in Camel " + catalog.camelVersion()
                    + catalog.closest(name)
                            .map(like -> "; did you mean " + like + "?")
                            .orElse("");
        }
        return "the " + kind + " " + name + " is missing; "
                + (isAdded(artifact.get(), catalog.camelVersion())
                        ? artifact.get() + " was added after the start: restart Caravan"
                        : "add it with: bin/caravan add " + artifact.get() + ", then restart Caravan");
    }

    private static boolean isAdded(String artifact, String version) {
        String home = System.getProperty("caravan.home");
        return home != null && Files.exists(Path.of(home, "lib", "ext", artifact + "-" + version + ".jar"));
    }
}
