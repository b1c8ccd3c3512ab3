package dev.caravan.operations.commands;

import dev.caravan.operations.components.ComponentException;
import dev.caravan.operations.components.ComponentFolder;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "remove", description = "Removes added components, and the libraries that no other component needs.")
final class RemoveCommand implements Callable<Integer> {

    @Mixin
    private final OutputOptions options = new OutputOptions();

    private final Terminal terminal;
    private final ComponentFolder folder;

    @Parameters(arity = "1..*", paramLabel = "COMPONENT", description = "As it was added, such as camel-mail.")
    private List<String> components;

    @Option(names = "--dry-run", description = "Only print what would be removed.")
    private boolean dryRun;

    RemoveCommand(ComponentFolder folder, Terminal terminal) {
        this.folder = folder;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ComponentException {
        new ChangeReport(terminal, options.isJson()).print(folder.remove(components, dryRun), dryRun);
        return 0;
    }
}
