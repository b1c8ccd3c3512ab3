package dev.caravan.operations.commands;

import picocli.CommandLine.Option;

/** The options of the commands that manage components. */
final class ComponentOptions {

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    boolean json() {
        return json;
    }
}
