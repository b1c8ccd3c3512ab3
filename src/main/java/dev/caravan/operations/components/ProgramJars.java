package dev.caravan.operations.components;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The jars of the program itself. Their names tell artifact and version, because not every jar names its group.
 *
 * @param names of files
 */
record ProgramJars(List<String> names) {

    private static final String ENDING = ".jar";

    /** @param lib the program's folder {@code lib} */
    static ProgramJars of(Path lib) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path folder : List.of(lib, lib.resolve("broker"))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    files.map(each -> each.getFileName().toString())
                            .filter(name -> name.endsWith(ENDING))
                            .forEach(names::add);
                }
            }
        }
        return new ProgramJars(names);
    }

    /** The version that the program has of a library. */
    Optional<String> version(Library library) {
        String start = library.artifact() + "-";
        String end = (library.classifier().isEmpty() ? "" : "-" + library.classifier()) + ENDING;
        return names.stream()
                .filter(name -> name.startsWith(start) && name.endsWith(end) && name.length() > start.length() + 1)
                .map(name -> name.substring(start.length(), Math.max(start.length(), name.length() - end.length())))
                .filter(version -> !version.isEmpty() && Character.isDigit(version.charAt(0)))
                .findFirst();
    }
}
