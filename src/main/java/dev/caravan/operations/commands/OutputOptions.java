package dev.caravan.operations.commands;

import picocli.CommandLine.Option;

/** The options of all commands that print a result. */
final class OutputOptions {

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    boolean isJson() {
        return json;
    }
}
