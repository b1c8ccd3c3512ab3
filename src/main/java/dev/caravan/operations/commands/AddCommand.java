package dev.caravan.operations.commands;

import dev.caravan.operations.components.ComponentException;
import dev.caravan.operations.components.ComponentFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "add",
        description =
                "Adds Camel components, or any Maven artifacts, with all libraries they need. A running program uses them after a restart.")
final class AddCommand implements Callable<Integer> {

    @Mixin
    private final OutputOptions options = new OutputOptions();

    private final Terminal terminal;
    private final ComponentFolder folder;

    @Parameters(
            arity = "1..*",
            paramLabel = "COMPONENT",
            description = "A name of Camel's catalogue, such as camel-mail, or group:artifact:version.")
    private List<String> components;

    @Option(
            names = "--dry-run",
            description = "Only print what would be added. Downloads are kept in ~/.m2/repository.")
    private boolean dryRun;

    @Option(names = "--offline", description = "Use only ~/.m2/repository.")
    private boolean offline;

    @Option(
            names = "--repository",
            paramLabel = "URL",
            description = "A repository in addition to Maven Central and ~/.m2/settings.xml. Repeatable.")
    private List<String> repositories = new ArrayList<>();

    AddCommand(ComponentFolder folder, Terminal terminal) {
        this.folder = folder;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ComponentException {
        ComponentFolder.Source source = new ComponentFolder.Source(
                repositories, offline, download -> terminal.progress("Downloading " + download));
        ComponentFolder.Change change;
        try {
            change = folder.add(components, source, dryRun);
        } finally {
            terminal.progress("");
        }
        new ChangeReport(terminal, options.isJson()).print(change, dryRun);
        return 0;
    }
}
