package dev.caravan.operations.components;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The jars of the program itself. Libraries are found by file names, because not every jar contains its coordinates.
 *
 * @param names of the files
 */
record ProgramJars(List<String> names) {

    /** @param lib the program's folder {@code lib} */
    static ProgramJars of(Path lib) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path folder : List.of(lib, lib.resolve("broker"))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    files.map(each -> each.getFileName().toString())
                            .filter(name -> name.endsWith(".jar"))
                            .forEach(names::add);
                }
            }
        }
        return new ProgramJars(names);
    }

    /** The program's version of a library. */
    Optional<String> version(Library library) {
        String classifier = library.classifier().isEmpty() ? "" : "-" + library.classifier();
        Pattern file =
                Pattern.compile(Pattern.quote(library.artifact()) + "-(\\d.*?)" + Pattern.quote(classifier + ".jar"));
        return names.stream()
                .map(file::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .findFirst();
    }
}
