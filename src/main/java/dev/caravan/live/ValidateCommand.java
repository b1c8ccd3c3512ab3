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
     * Prints a line for each mistake, {@code file:line:column: reason}, or that the file is valid.
     *
     * @param given paths of files or of folders with route files, or {@code -} for standard input
     * @return whether all files are valid
     */
    public boolean run(List<String> given, PrintStream out) throws IOException {
        Map<String, RouteFile> files = new TreeMap<>(
                new RouteFolder(program, new Location(location)).read().files());
        Map<String, List<String>> verdicts = new HashMap<>();
        Set<String> names = new LinkedHashSet<>();
        for (String each : given) {
            if (each.equals(STANDARD_INPUT)) {
                take(standardInput(), files, verdicts, names);
            } else if (Files.isDirectory(Path.of(each))) {
                List<Path> paths = new RouteFolder(program, new Location(each)).paths();
                if (paths.isEmpty()) {
                    names.add(each);
                    verdicts.put(each, List.of(each + ": it contains no route file (*.yaml or *.xml)"));
                }
                for (Path path : paths) {
                    take(path, files, verdicts, names);
                }
            } else {
                take(Path.of(each), files, verdicts, names);
            }
        }
        CandidateRoutes candidateRoutes =
                new RouteFileCheck(program).sift(files, e -> verdicts.put(e.file(), lines(e)));
        List<LintWarning> advice = new ArrayList<>(LintWarning.of(candidateRoutes));
        advice.addAll(LintWarning.ofCatalog(candidateRoutes));
        boolean migrated = true;
        try {
            advice.addAll(new StatementCheck(program).warnings(candidateRoutes, names));
        } catch (InvalidMigrationException e) {
            migrated = false;
            out.println(e.getMessage());
        }
        for (String name : names) {
            advice.stream()
                    .filter(each -> each.file().equals(name))
                    .forEach(each -> out.println(name + ":" + each.line() + ":"
                            + files.get(name).column(each.line()) + ": warning: " + each.reason()));
            verdicts.getOrDefault(name, List.of(name + ": fine")).forEach(out::println);
        }
        candidateRoutes.close();
        return migrated && names.stream().noneMatch(verdicts::containsKey);
    }

    private static List<String> lines(InvalidRouteFileException e) {
        return e.all().stream().map(InvalidRouteFileException::toString).toList();
    }

    private static void take(
            Path path, Map<String, RouteFile> files, Map<String, List<String>> verdicts, Set<String> names) {
        if (Files.isRegularFile(path) && !RouteFolder.isRouteFile(path)) {
            names.add(path.toString());
            verdicts.put(path.toString(), List.of(path + ": it is not a route file (*.yaml or *.xml)"));
            return;
        }
        try {
            take(RouteFolder.read(path, null), files, verdicts, names);
        } catch (InvalidRouteFileException e) {
            names.add(path.toString());
            verdicts.put(path.toString(), List.of(path + ": " + e.getMessage()));
        }
    }

    private static void take(
            RouteFile file, Map<String, RouteFile> files, Map<String, List<String>> verdicts, Set<String> names) {
        names.add(file.name());
        try {
            RouteFileSyntax.check(file);
            files.put(file.name(), file);
        } catch (InvalidRouteFileException e) {
            verdicts.put(e.file(), lines(e));
        }
    }

    private static RouteFile standardInput() throws IOException {
        String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        String name = "standard-input" + (text.stripLeading().startsWith("<") ? ".xml" : ".yaml");
        return new RouteFile(name, "file:" + name, text);
    }
}
