package dev.caravan.operations.components;

import dev.caravan.platform.catalog.ComponentCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Adds components to the folder {@code lib/ext} of a program, and removes them. */
public final class ComponentFolder {

    /**
     * The source of components.
     *
     * @param repositories URLs in addition to Maven Central
     * @param offline whether to use only the local Maven repository
     * @param progress receives the name of each download as it begins
     */
    public record Source(List<String> repositories, boolean offline, Consumer<String> progress) {}

    /**
     * The changes of a command, or of its dry run.
     *
     * @param components the named components
     * @param added names of jars
     * @param removed names of jars
     * @param notes one line for each decision that a user may want to know
     */
    public record Change(List<Library> components, Set<String> added, Set<String> removed, List<String> notes) {}

    private final Path lib;
    private final Path folder;
    private final ComponentCatalog catalog = new ComponentCatalog();

    /** @param home the program's folder */
    public ComponentFolder(Path home) {
        lib = home.resolve("lib");
        folder = lib.resolve("ext");
    }

    public AddedComponents added() throws ComponentException {
        return AddedComponents.in(folder);
    }

    /**
     * Adds components of Camel's catalogue or any Maven artifacts, with all libraries that they need.
     *
     * @param dryRun whether to resolve them without changing the folder
     * @throws ComponentException if one is unknown, cannot be resolved, or conflicts with the program; then nothing is
     *     added
     */
    public Change add(List<String> names, Source source, boolean dryRun) throws ComponentException {
        List<Library> components = new ArrayList<>();
        for (String name : names) {
            components.add(library(name));
        }
        AddedComponents before = added();
        try (ComponentDownload download =
                new ComponentDownload(source.repositories(), source.offline(), source.progress())) {
            ProgramJars program = ProgramJars.of(lib);
            Map<Library, List<Library>> resolved = new LinkedHashMap<>();
            for (Library component : components) {
                resolved.put(
                        component,
                        program.version(component).isPresent() ? List.of(component) : download.resolve(component));
            }
            Addition addition = Addition.of(resolved, program, before);
            Change change = change(components, before, addition.result(), addition.notes());
            if (!dryRun) {
                addition.result().store(folder, before, download.files());
            }
            return change;
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /**
     * Removes components, and the libraries that no other component needs.
     *
     * @throws ComponentException if one was not added; then nothing is removed
     */
    public Change remove(List<String> names, boolean dryRun) throws ComponentException {
        AddedComponents before = added();
        Set<Library> removed = new HashSet<>();
        for (String name : names) {
            removed.add(added(before, name));
        }
        AddedComponents after = before.without(removed);
        Change change = change(List.copyOf(removed), before, after, List.of());
        if (!dryRun) {
            try {
                after.store(folder, before, Map.of());
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
        return change;
    }

    private static Change change(
            List<Library> components, AddedComponents before, AddedComponents after, List<String> notes) {
        Set<String> added = new TreeSet<>(after.files());
        added.removeAll(before.files());
        Set<String> removed = new TreeSet<>(before.files());
        removed.removeAll(after.files());
        return new Change(components, added, removed, notes);
    }

    private Library library(String name) throws ComponentException {
        if (!name.contains(":")) {
            String artifact = catalog.find(name).orElse(null);
            if (artifact == null) {
                throw new ComponentException(name + " is not in the catalogue of Camel " + catalog.camelVersion()
                        + catalog.closest(name)
                                .flatMap(catalog::find)
                                .map(like -> "; did you mean " + like + "?")
                                .orElse("; for any other library write group:artifact:version"));
            }
            return new Library(ComponentCatalog.GROUP, artifact, catalog.camelVersion(), "");
        }
        boolean camel = name.startsWith(ComponentCatalog.GROUP + ":");
        Library library;
        try {
            library = Library.of(camel && name.split(":").length == 2 ? name + ":" + catalog.camelVersion() : name);
        } catch (IllegalArgumentException e) {
            throw new ComponentException(e.getMessage());
        }
        if (camel && !library.version().equals(catalog.camelVersion())) {
            throw new ComponentException(name + " needs another Camel than the program's " + catalog.camelVersion()
                    + "; write " + library.artifact() + " without a version");
        }
        return library;
    }

    private Library added(AddedComponents added, String name) throws ComponentException {
        for (Library each : added.components().keySet()) {
            if (List.of(each.toString(), each.artifact(), each.group() + ":" + each.artifact())
                            .contains(name)
                    || !name.contains(":")
                            && catalog.find(name)
                                    .filter(each.artifact()::equals)
                                    .isPresent()) {
                return each;
            }
        }
        throw new ComponentException(name + " was not added; "
                + (added.components().isEmpty()
                        ? "nothing was"
                        : "added: "
                                + String.join(
                                        ", ",
                                        added.components().keySet().stream()
                                                .map(Library::artifact)
                                                .toList())));
    }

    private ComponentException unwritable(IOException e) {
        return new ComponentException(
                folder + " cannot be changed: " + e + "; run the command as the owner of the program's folder");
    }
}
