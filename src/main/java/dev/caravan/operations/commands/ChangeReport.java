package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.operations.components.ComponentFolder;
import dev.caravan.operations.components.Library;
import java.util.stream.Collectors;

/** Prints what a command changed in {@code lib/ext}. */
record ChangeReport(Terminal terminal, boolean json) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    void print(ComponentFolder.Change change, boolean dryRun) {
        if (json) {
            ObjectNode result = JSON.createObjectNode().put("dryRun", dryRun);
            result.set(
                    "components",
                    JSON.valueToTree(
                            change.components().stream().map(Library::toString).toList()));
            result.set("added", JSON.valueToTree(change.added()));
            result.set("removed", JSON.valueToTree(change.removed()));
            result.set("notes", JSON.valueToTree(change.notes()));
            terminal.json(result);
            return;
        }
        change.notes().forEach(terminal::line);
        change.added().forEach(file -> terminal.line("+ " + file));
        change.removed().forEach(file -> terminal.line("- " + file));
        String components = change.components().stream().map(Library::artifact).collect(Collectors.joining(", "));
        if (change.added().isEmpty() && change.removed().isEmpty()) {
            terminal.line(components + ": nothing to change.");
        } else if (dryRun) {
            terminal.line(components + ": nothing was changed (--dry-run).");
        } else {
            terminal.line(components + ": done. Restart Caravan if it is running.");
        }
    }
}
