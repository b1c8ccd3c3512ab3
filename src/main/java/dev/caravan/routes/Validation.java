package dev.caravan.routes;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelContext;

/** Checks route files as an edit of the running program is checked, and in the same words, without running them. */
public final class Validation {

    private final CamelContext program;
    private final String location;

    /** @param location the folder of the other files, which those that are checked may need */
    public Validation(CamelContext program, String location) {
        this.program = program;
        this.location = location;
    }

    /**
     * Says of each file in one line what is wrong with it, {@code file:line:column: reason}, or that nothing is.
     *
     * @return whether nothing is
     */
    public boolean run(List<Path> given, PrintStream out) throws IOException {
        Map<String, RouteFile> files =
                new TreeMap<>(new RouteFolder(program, location).read().files());
        Map<String, String> verdicts = new HashMap<>();
        for (Path path : given) {
            try {
                RouteFile file = RouteFolder.read(path, null);
                Syntax.check(file);
                files.put(file.name(), file);
            } catch (Rejected e) {
                verdicts.put(e.file(), e.toString());
            }
        }
        Blueprint blueprint = new Check(program).sift(files, e -> verdicts.put(e.file(), e.toString()));
        List<Advice> advice = Advice.of(blueprint);
        for (Path path : given) {
            String name = path.getFileName().toString();
            advice.stream()
                    .filter(each -> each.file().equals(name))
                    .forEach(each -> out.println(name + ":" + each.line() + ": warning: " + each.reason()));
            out.println(verdicts.getOrDefault(name, name + ": fine"));
        }
        blueprint.close();
        return given.stream()
                .noneMatch(path -> verdicts.containsKey(path.getFileName().toString()));
    }
}
