package dev.caravan.operations.components;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which libraries of new components go into {@code lib/ext}, so that each library is on the class path once.
 * The program's own version of a library always wins, else the newest one.
 *
 * @param result the components afterwards
 * @param notes a line for each library that is not used in the requested version
 */
record Addition(AddedComponents result, List<String> notes) {

    /** Left out, because the program and Spring's copy of commons-logging log through SLF4J and Logback. */
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
     * @throws ComponentException if the program has another version of a component itself
     */
    static Addition of(Map<Library, List<Library>> resolved, ProgramJars program, AddedComponents before)
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
        return new Addition(new AddedComponents(oneVersion(all, notes)), notes);
    }

    private static Map<Library, List<Library>> oneVersion(Map<Library, List<Library>> all, List<String> notes) {
        Map<Library, List<Library>> result = new LinkedHashMap<>();
        all.forEach((component, libraries) -> result.put(
                component,
                libraries.stream()
                        .map(library -> newest(library, all))
                        .distinct()
                        .toList()));
        all.forEach((component, libraries) -> libraries.forEach(library -> {
            Library newest = newest(library, all);
            if (!newest.equals(library)) {
                notes.add(component.artifact() + " asks for " + library.artifact() + " " + library.version()
                        + " and gets " + newest.version() + ", which another component needs");
            }
        }));
        return result;
    }

    private static Library newest(Library library, Map<Library, List<Library>> all) {
        return all.values().stream()
                .flatMap(List::stream)
                .filter(library::isVersionOf)
                .max(Comparator.comparing(Library::version, ComponentDownload.versions()))
                .orElseThrow();
    }
}
