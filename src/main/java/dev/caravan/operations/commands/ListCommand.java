package dev.caravan.operations.commands;

import dev.caravan.operations.components.AddedComponents;
import dev.caravan.operations.components.ComponentException;
import dev.caravan.operations.components.ComponentFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "list", description = "Lists the added components.")
final class ListCommand implements Callable<Integer> {

    @Mixin
    private final OutputOptions options = new OutputOptions();

    private final Terminal terminal;
    private final ComponentFolder folder;

    ListCommand(ComponentFolder folder, Terminal terminal) {
        this.folder = folder;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ComponentException {
        AddedComponents added = folder.added();
        if (options.isJson()) {
            terminal.json(added.json());
            return 0;
        }
        if (added.components().isEmpty()) {
            terminal.line("No components were added.");
            return 0;
        }
        List<List<String>> rows = new ArrayList<>();
        added.components()
                .forEach((component, libraries) -> rows.add(List.of(
                        component.artifact(),
                        component.version(),
                        Integer.toString(libraries.size()),
                        component.group())));
        terminal.table(List.of("COMPONENT", "VERSION", "JARS", "GROUP"), rows);
        return 0;
    }
}
