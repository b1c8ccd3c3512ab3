package dev.caravan.operations.components;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The components added to the program: their jars in its folder {@code lib/ext}, and the file {@value #MANIFEST} that
 * names each component with its jars. Other jars in the folder are the user's own and stay untouched.
 *
 * @param components each component with the libraries that it needs and the program does not have, itself first
 */
public record AddedComponents(Map<Library, List<Library>> components) {

    static final String MANIFEST = "components.json";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** @throws ComponentException if the manifest cannot be read */
    public static AddedComponents in(Path folder) throws ComponentException {
        Path manifest = folder.resolve(MANIFEST);
        Map<Library, List<Library>> components = new LinkedHashMap<>();
        if (!Files.exists(manifest)) {
            return new AddedComponents(components);
        }
        try {
            for (JsonNode each : JSON.readTree(Files.readAllBytes(manifest)).path("components")) {
                List<Library> libraries = new ArrayList<>();
                each.path("libraries").forEach(library -> libraries.add(Library.of(library.asText())));
                components.put(Library.of(each.path("component").asText()), libraries);
            }
            return new AddedComponents(components);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new ComponentException(manifest + " is damaged; delete the folder and add the components again");
        } catch (IOException e) {
            throw new ComponentException(manifest + " cannot be read: " + e.getMessage());
        }
    }

    /** The file names of all libraries of all components. */
    public Set<String> files() {
        return components.values().stream()
                .flatMap(List::stream)
                .map(Library::file)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    AddedComponents without(Set<Library> removed) {
        Map<Library, List<Library>> left = new LinkedHashMap<>(components);
        left.keySet().removeAll(removed);
        return new AddedComponents(left);
    }

    public JsonNode json() {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode all = json.putArray("components");
        components.forEach((component, libraries) -> {
            ArrayNode names =
                    all.addObject().put("component", component.toString()).putArray("libraries");
            libraries.forEach(library -> names.add(library.toString()));
        });
        return json;
    }

    /**
     * Makes the folder contain exactly these libraries. Everything is copied before anything is replaced, and the
     * manifest is written last, so an interrupted run leaves the earlier components complete.
     *
     * @param before the current content of the folder
     * @param sources the locations of new libraries, by file name
     */
    void store(Path folder, AddedComponents before, Map<String, Path> sources) throws IOException {
        Files.createDirectories(folder);
        Set<String> added = new TreeSet<>(files());
        added.retainAll(sources.keySet());
        for (String file : added) {
            Path copy = folder.resolve(file + ".new");
            Files.copy(sources.get(file), copy, REPLACE_EXISTING);
            readable(copy);
        }
        for (String file : added) {
            Files.move(folder.resolve(file + ".new"), folder.resolve(file), REPLACE_EXISTING, ATOMIC_MOVE);
        }
        Path manifest = folder.resolve(MANIFEST + ".new");
        Files.writeString(manifest, json().toPrettyString() + "\n");
        readable(manifest);
        Files.move(manifest, folder.resolve(MANIFEST), REPLACE_EXISTING, ATOMIC_MOVE);
        Set<String> obsolete = new TreeSet<>(before.files());
        obsolete.removeAll(files());
        for (String file : obsolete) {
            Files.deleteIfExists(folder.resolve(file));
        }
    }

    /** With the launcher's umask, another user, as which a container runs the program, could not read the jars. */
    private static void readable(Path file) throws IOException {
        if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }
}
