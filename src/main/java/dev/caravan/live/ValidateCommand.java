package dev.caravan.live;

import dev.caravan.platform.context.Location;
import dev.caravan.platform.database.InvalidMigrationException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.CamelContext;

/** The command {@code validate}: checks route files as an edit does, with the same messages, without running them. */
public final class ValidateCommand {

    private final CamelContext program;
    private final String location;

    /** All route files by name, those to check included. */
    private final Map<String, RouteFile> files = new TreeMap<>();

    private final Set<String> checked = new LinkedHashSet<>();
    private final Map<String, List<String>> mistakes = new HashMap<>();

    /** @param location the folder of the other route files, which the checked ones may need */
    public ValidateCommand(CamelContext program, String location) {
        this.program = program;
        this.location = location;
    }

    /**
     * Prints a line for each mistake, {@code file:line:column: reason}, or that the file is valid.
     *
     * @param given paths of files or of folders with route files, or {@code -} for standard input
     * @return whether all files are valid
     */
    public boolean run(List<String> given, PrintStream out) throws IOException {
        files.putAll(new RouteFolder(program, new Location(location)).read().files());
        for (String each : given) {
            if (each.equals("-")) {
                add(standardInput());
            } else if (Files.isDirectory(Path.of(each))) {
                List<Path> paths = new RouteFolder(program, new Location(each)).paths();
                paths.forEach(this::add);
                if (paths.isEmpty()) {
                    reject(each, "it contains no route file (*.yaml or *.xml)");
                }
            } else {
                add(Path.of(each));
            }
        }
        try (CandidateRoutes candidate =
                new RouteFileCheck(program).loadValid(files, e -> mistakes.put(e.file(), lines(e)))) {
            List<LintWarning> warnings = new ArrayList<>(LintWarning.of(candidate));
            warnings.addAll(LintWarning.ofCatalog(candidate));
            boolean migrated = true;
            try {
                warnings.addAll(new StatementCheck(program).warnings(candidate, checked));
            } catch (InvalidMigrationException e) {
                migrated = false;
                out.println(e.getMessage());
            }
            for (String name : checked) {
                warnings.stream()
                        .filter(each -> each.file().equals(name))
                        .forEach(each -> out.println(name + ":" + each.line() + ":"
                                + files.get(name).column(each.line()) + ": warning: " + each.reason()));
                mistakes.getOrDefault(name, List.of(name + ": fine")).forEach(out::println);
            }
            return migrated && checked.stream().noneMatch(mistakes::containsKey);
        }
    }

    private static List<String> lines(InvalidRouteFileException e) {
        return e.mistakes().stream().map(InvalidRouteFileException::toString).toList();
    }

    private void add(Path path) {
        if (Files.isRegularFile(path) && !RouteFolder.isRouteFile(path)) {
            reject(path.toString(), "it is not a route file (*.yaml or *.xml)");
            return;
        }
        try {
            add(RouteFolder.read(path, null));
        } catch (InvalidRouteFileException e) {
            reject(path.toString(), e.getMessage());
        }
    }

    private void add(RouteFile file) {
        checked.add(file.name());
        try {
            RouteFileSyntax.check(file);
            files.put(file.name(), file);
        } catch (InvalidRouteFileException e) {
            mistakes.put(e.file(), lines(e));
        }
    }

    private void reject(String path, String reason) {
        checked.add(path);
        mistakes.put(path, List.of(path + ": " + reason));
    }

    private static RouteFile standardInput() throws IOException {
        String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        String name = "standard-input" + (text.stripLeading().startsWith("<") ? ".xml" : ".yaml");
        return new RouteFile(name, "file:" + name, text);
    }
}
