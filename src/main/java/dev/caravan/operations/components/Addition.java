package dev.caravan.operations.components;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which libraries of new components go into {@code lib/ext}, so that the class path has each library once. The
 * program's own version of a library always wins; of two other versions the newer one does.
 *
 * @param result the components afterwards
 * @param notes a line for each library that is not used in the version that a component asks for
 */
record Addition(AddedComponents result, List<String> notes) {

    /** The program logs with Logback through SLF4J, and Spring's copy of commons-logging does too. */
    private static final Set<String> LOGGING = Set.of(
            "commons-logging",
            "jcl-over-slf4j",
            "log4j-slf4j-impl",
            "log4j-slf4j2-impl",
            "slf4j-jdk14",
            "slf4j-log4j12",
            "slf4j-nop",
            "slf4j-reload4j",
            "slf4j-simple");

    /**
     * @param resolved each new component with all libraries that it needs, itself included
     * @param newer compares versions
     * @throws ComponentException if a component itself is a library of the program in another version
     */
    static Addition of(
            Map<Library, List<Library>> resolved, ProgramJars program, AddedComponents before, Comparator<String> newer)
            throws ComponentException {
        Map<Library, List<Library>> all = new LinkedHashMap<>(before.components());
        List<String> notes = new ArrayList<>();
        for (Map.Entry<Library, List<Library>> each : resolved.entrySet()) {
            Library component = each.getKey();
            Optional<String> own = program.version(component);
            if (own.isPresent()) {
                if (!own.get().equals(component.version())) {
                    throw new ComponentException("The program has " + component.artifact() + " " + own.get() + ", so "
                            + component.version() + " cannot be added");
                }
                notes.add(component.artifact() + " " + own.get() + " is part of the program; nothing to add");
                continue;
            }
            List<Library> needed = new ArrayList<>();
            for (Library library : each.getValue()) {
                Optional<String> version = program.version(library);
                if (LOGGING.contains(library.artifact())) {
                    notes.add(library.artifact() + " is left out: the program logs through SLF4J and Logback");
                } else if (version.isEmpty()) {
                    needed.add(library);
                } else if (!version.get().equals(library.version())) {
                    notes.add(component.artifact() + " asks for " + library.artifact() + " " + library.version()
                            + " and gets the program's " + version.get());
                }
            }
            all.put(component, needed);
        }
        return new Addition(new AddedComponents(oneVersion(all, newer, notes)), notes);
    }

    private static Map<Library, List<Library>> oneVersion(
            Map<Library, List<Library>> all, Comparator<String> newer, List<String> notes) {
        Map<Library, List<Library>> result = new LinkedHashMap<>();
        all.forEach((component, libraries) -> result.put(
                component,
                libraries.stream()
                        .map(library -> newest(library, all, newer))
                        .distinct()
                        .toList()));
        all.forEach((component, libraries) -> libraries.forEach(library -> {
            Library newest = newest(library, all, newer);
            if (!newest.equals(library)) {
                notes.add(component.artifact() + " asks for " + library.artifact() + " " + library.version()
                        + " and gets " + newest.version() + ", which another component needs");
            }
        }));
        return result;
    }

    private static Library newest(Library library, Map<Library, List<Library>> all, Comparator<String> newer) {
        return all.values().stream()
                .flatMap(List::stream)
                .filter(library::isVersionOf)
                .max(Comparator.comparing(Library::version, newer))
                .orElse(library);
    }
}
