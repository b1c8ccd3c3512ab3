package dev.caravan.routes;

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
final class Check {

    private final CamelContext program;

    Check(CamelContext program) {
        this.program = program;
    }

    /**
     * What can run.
     *
     * @param blueprint ready to begin
     * @param prints of it
     */
    record Checked(Blueprint blueprint, Change.Prints prints) {}

    /**
     * @param files all of them, by name
     * @param changed the names of those whose text has not been checked before
     * @throws Rejected for the first thing that cannot run
     */
    Checked check(Map<String, RouteFile> files, Collection<String> changed) throws Rejected {
        for (String name : changed) {
            if (files.containsKey(name)) {
                Syntax.check(files.get(name));
            }
        }
        Change.Prints prints = prints(files);
        return new Checked(Blueprint.of(program, files.values()), prints);
    }

    /**
     * Camel's model is not the same after it has been made, nor after it has been printed: what is to begin is loaded apart from this.
     *
     * @throws Rejected for the first route that cannot be made
     */
    Change.Prints prints(Map<String, RouteFile> files) throws Rejected {
        try (Blueprint trial = Blueprint.of(program, files.values())) {
            trial.build();
            return Change.Prints.of(trial);
        }
    }

    /**
     * Leaves out what cannot run, and with it what cannot run without it. The schema is not asked: to read it takes longer than all
     * the rest, and what can be made runs. Nor is anything tried where the files are those that the program was built with.
     *
     * @param rejected told of each file that is left out
     * @throws IllegalStateException when what is wrong is in none of the files
     */
    Blueprint sift(Map<String, RouteFile> files, Consumer<Rejected> rejected) {
        Map<String, RouteFile> left = new TreeMap<>(files);
        while (true) {
            try {
                for (RouteFile file : left.values()) {
                    Syntax.read(file);
                }
                if (!left.values().stream().allMatch(Check::isShipped)) {
                    prints(left);
                }
                return Blueprint.of(program, left.values());
            } catch (Rejected e) {
                if (left.remove(e.file()) == null) {
                    throw new IllegalStateException("The routes cannot be loaded: " + e.getMessage(), e);
                }
                rejected.accept(e);
            }
        }
    }

    private static boolean isShipped(RouteFile file) {
        try (InputStream shipped = Check.class.getResourceAsStream("/routes/" + file.name())) {
            return shipped != null
                    && Arrays.equals(shipped.readAllBytes(), file.text().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return false;
        }
    }
}
