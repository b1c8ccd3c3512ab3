package dev.caravan.routes;

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
        // Camel's model is not the same after it has been made, nor after it has been printed: what is to begin is
        // loaded anew.
        try (Blueprint trial = Blueprint.of(program, files.values())) {
            trial.build();
            Change.Prints prints = Change.Prints.of(trial);
            return new Checked(Blueprint.of(program, files.values()), prints);
        }
    }

    /**
     * Leaves out what cannot run, and with it what cannot run without it.
     *
     * @param rejected told of each file that is left out
     * @throws IllegalStateException when what is wrong is in none of the files
     */
    Checked sift(Map<String, RouteFile> files, Consumer<Rejected> rejected) {
        Map<String, RouteFile> left = new TreeMap<>(files);
        while (true) {
            try {
                return check(left, left.keySet());
            } catch (Rejected e) {
                if (left.remove(e.file()) == null) {
                    throw new IllegalStateException("The routes cannot be loaded: " + e.getMessage(), e);
                }
                rejected.accept(e);
            }
        }
    }
}
