package dev.caravan.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The options of a run. */
record Plan(Set<String> only, boolean quick, int steadyMinutes, Optional<Path> against, int rounds) {

    /** Cases that {@code --quick} omits. */
    private static final Set<String> LONG =
            Set.of("camel", "tracking", "edit", "streams", "webhooks", "postgres", "spring", "workers", "rebalances");

    static final String USAGE =
            """
            Usage: make bench [ARGS="OPTION…"], or bench/run OPTION… once the program is packaged

              --quick           two short rounds per case, which give rough figures in about three minutes; omits the cases
                                "camel", "tracking", "edit", "streams", "webhooks", "postgres", "spring", "workers" and "rebalances",
                                and without the starts of single roles
              --only CASE,…     some of: %s
              --steady MINUTES  runs the case "steady" for this time
              --against FOLDER  another packaged Caravan; runs the cases "versus-…"
              --rounds NUMBER   rounds of each side [5, or 2 with --quick]

            Prints a line for each case and writes bench/results.md, or target/bench/results.md with --quick or --only.
            The exit code is 1 if an answer was not 2xx or a record was missing, but not if a ratio is below its bar.
            """;

    /** @throws IllegalArgumentException for an invalid option */
    static Plan parse(String[] args, Set<String> cases) {
        Set<String> only = Set.of();
        boolean quick = false;
        int steady = 0;
        int rounds = 0;
        Optional<Path> against = Optional.empty();
        List<String> left = new ArrayList<>(Arrays.asList(args));
        while (!left.isEmpty()) {
            String option = left.remove(0);
            if (option.equals("--quick")) {
                quick = true;
            } else if (option.equals("--only") && !left.isEmpty()) {
                only = Set.of(left.remove(0).split(","));
            } else if (option.equals("--steady")
                    && !left.isEmpty()
                    && left.get(0).matches("[1-9]\\d{0,3}")) {
                steady = Integer.parseInt(left.remove(0));
            } else if (option.equals("--rounds")
                    && !left.isEmpty()
                    && left.get(0).matches("[1-9]\\d{0,2}")) {
                rounds = Integer.parseInt(left.remove(0));
            } else if (option.equals("--against") && !left.isEmpty()) {
                against = Optional.of(Path.of(left.remove(0)).toAbsolutePath());
            } else {
                throw new IllegalArgumentException("unknown or incomplete argument " + option);
            }
        }
        if (!cases.containsAll(only)) {
            throw new IllegalArgumentException("unknown case; the cases are " + String.join(", ", cases));
        }
        return new Plan(only, quick, steady, against, rounds > 0 ? rounds : quick ? 2 : 5);
    }

    boolean includes(String name) {
        return (only.isEmpty() ? !quick || !LONG.contains(name) : only.contains(name))
                && (!name.equals("steady") || steadyMinutes > 0)
                && (!name.startsWith("versus") || against.isPresent());
    }

    boolean isWhole() {
        return !quick && only.isEmpty();
    }

    int seconds() {
        return quick ? 1 : 4;
    }

    int warmUpSeconds() {
        return quick ? 2 : against.isPresent() ? 20 : 40;
    }
}
