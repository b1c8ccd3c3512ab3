package dev.caravan.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** The resources of an overlay of {@code deploy/}, from its golden file, which {@link KustomizeTest} compares. */
public final class Manifests {

    public static final List<String> OVERLAYS = List.of("kind", "production", "two-regions/west", "two-regions/east");

    private static final Path FOLDER = Path.of("src/test/resources/manifests/golden");

    private final List<Map<String, Object>> resources;

    private Manifests(List<Map<String, Object>> resources) {
        this.resources = resources;
    }

    public static Manifests of(String overlay) {
        return read(golden(overlay));
    }

    static Path golden(String overlay) {
        return FOLDER.resolve(overlay.replace('/', '-') + ".yaml");
    }

    static Manifests read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Manifests parse(String text) {
        List<Map<String, Object>> resources = new ArrayList<>();
        for (Object document : new Yaml(new LoaderOptions()).loadAll(text)) {
            resources.add(cast(document));
        }
        return new Manifests(resources);
    }

    public List<Map<String, Object>> all() {
        return resources;
    }

    public Stream<Map<String, Object>> kind(String kind) {
        return resources.stream().filter(resource -> kind.equals(resource.get("kind")));
    }

    public Map<String, Object> one(String kind, String name) {
        return kind(kind)
                .filter(resource -> name.equals(name(resource)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }

    public static String name(Map<String, Object> resource) {
        return (String) map(resource, "metadata").get("name");
    }

    public static Map<String, Object> map(Map<String, Object> from, String... path) {
        for (String name : path) {
            from = cast(from.get(name));
        }
        return from;
    }

    public static List<Map<String, Object>> list(Map<String, Object> from, String name) {
        List<Map<String, Object>> items = new ArrayList<>();
        ((List<?>) from.get(name)).forEach(item -> items.add(cast(item)));
        return items;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> cast(Object object) {
        return (Map<String, Object>) object;
    }
}
