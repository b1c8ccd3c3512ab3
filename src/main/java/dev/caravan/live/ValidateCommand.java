package dev.caravan.live;

import dev.caravan.platform.context.Location;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;

/** The command {@code validate}: checks route files like an edit, with the same messages, without running them. */
public final class ValidateCommand {

    private static final String STANDARD_INPUT = "-";

    private final CamelContext program;
    private final String location;

    /** @param location the folder of the other route files, which the checked ones may need */
    public ValidateCommand(CamelContext program, String location) {
        this.program = program;
        this.location = location;
    }

    /**
     * Prints one line per file: {@code file:line:column: reason}, or that the file is valid.
     *
     * @param given paths of files or of folders with route files, or {@code -} for standard input
     * @return whether all files are valid
     */
    public boolean run(List<String> given, PrintStream out) throws IOException {
        Map<String, RouteFile> files = new TreeMap<>(
                new RouteFolder(program, new Location(location)).read().files());
        Map<String, String> verdicts = new HashMap<>();
        Set<String> names = new LinkedHashSet<>();
        for (String each : given) {
            if (each.equals(STANDARD_INPUT)) {
                take(standardInput(), files, verdicts, names);
            } else if (Files.isDirectory(Path.of(each))) {
                List<Path> paths = new RouteFolder(program, new Location(each)).paths();
                if (paths.isEmpty()) {
                    names.add(each);
                    verdicts.put(each, each + ": it contains no route file (*.yaml or *.xml)");
                }
                for (Path path : paths) {
                    take(path, files, verdicts, names);
                }
            } else {
                take(Path.of(each), files, verdicts, names);
            }
        }
        CandidateRoutes candidateRoutes =
                new RouteFileCheck(program).sift(files, e -> verdicts.put(e.file(), e.toString()));
        List<LintWarning> advice = Stream.concat(
                        LintWarning.of(candidateRoutes).stream(), LintWarning.ofCatalog(candidateRoutes).stream())
                .toList();
        for (String name : names) {
            advice.stream()
                    .filter(each -> each.file().equals(name))
                    .forEach(each -> out.println(name + ":" + each.line() + ":"
                            + files.get(name).column(each.line()) + ": warning: " + each.reason()));
            out.println(verdicts.getOrDefault(name, name + ": fine"));
        }
        candidateRoutes.close();
        return names.stream().noneMatch(verdicts::containsKey);
    }

    private static void take(Path path, Map<String, RouteFile> files, Map<String, String> verdicts, Set<String> names) {
        try {
            take(RouteFolder.read(path, null), files, verdicts, names);
        } catch (InvalidRouteFileException e) {
            names.add(path.toString());
            verdicts.put(path.toString(), path + ": " + e.getMessage());
        }
    }

    private static void take(
            RouteFile file, Map<String, RouteFile> files, Map<String, String> verdicts, Set<String> names) {
        names.add(file.name());
        try {
            RouteFileSyntax.check(file);
            files.put(file.name(), file);
        } catch (InvalidRouteFileException e) {
            verdicts.put(e.file(), e.toString());
        }
    }

    private static RouteFile standardInput() throws IOException {
        String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        String name = "standard-input" + (text.stripLeading().startsWith("<") ? ".xml" : ".yaml");
        return new RouteFile(name, "file:" + name, text);
    }
}
