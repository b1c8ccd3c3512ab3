package dev.caravan.operations.commands;

import picocli.CommandLine.Option;

/** The options of every command that prints a result. */
final class OutputOptions {

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
