package dev.caravan.live;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;

/** Whether route files can run in a program, tried beside it. */
final class RouteFileCheck {

    private final CamelContext program;

    RouteFileCheck(CamelContext program) {
        this.program = program;
    }

    /**
     * What can run.
     *
     * @param blueprint ready to begin
     * @param prints of it
     */
    record CheckResult(CandidateRoutes blueprint, RouteDiff.Prints prints) {}

    /**
     * @param files all of them, by name
     * @param changed the names of those whose text has not been checked before
     * @throws InvalidRouteFileException for the first thing that cannot run
     */
    CheckResult check(Map<String, RouteFile> files, Collection<String> changed) throws InvalidRouteFileException {
        for (String name : changed) {
            if (files.containsKey(name)) {
                RouteFileSyntax.check(files.get(name));
            }
        }
        RouteDiff.Prints prints = prints(files);
        return new CheckResult(CandidateRoutes.of(program, files.values()), prints);
    }

    /**
     * Camel's model is not the same after it has been made, nor after it has been printed: what is to begin is loaded apart from this.
     *
     * @throws InvalidRouteFileException for the first route that cannot be made
     */
    RouteDiff.Prints prints(Map<String, RouteFile> files) throws InvalidRouteFileException {
        try (CandidateRoutes trial = CandidateRoutes.of(program, files.values())) {
            trial.build();
            return RouteDiff.Prints.of(trial);
        }
    }

    /**
     * Leaves out what cannot run, and with it what cannot run without it. The schema is not asked: to read it takes longer than all
     * the rest, and what can be made runs. Nor is anything tried where the files are those that the program was built with.
     *
     * @param rejected told of each file that is left out
     * @throws IllegalStateException when what is wrong is in none of the files
     */
    CandidateRoutes sift(Map<String, RouteFile> files, Consumer<InvalidRouteFileException> rejected) {
        Map<String, RouteFile> left = new TreeMap<>(files);
        while (true) {
            try {
                for (RouteFile file : left.values()) {
                    RouteFileSyntax.read(file);
                }
                if (!left.values().stream().allMatch(RouteFileCheck::isShipped)) {
                    prints(left);
                }
                return CandidateRoutes.of(program, left.values());
            } catch (InvalidRouteFileException e) {
                if (left.remove(e.file()) == null) {
                    throw new IllegalStateException("The routes cannot be loaded: " + e.getMessage(), e);
                }
                rejected.accept(e);
            }
        }
    }

    private static boolean isShipped(RouteFile file) {
        try (InputStream shipped = RouteFileCheck.class.getResourceAsStream("/routes/" + file.name())) {
            return shipped != null
                    && Arrays.equals(shipped.readAllBytes(), file.text().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return false;
        }
    }
}
