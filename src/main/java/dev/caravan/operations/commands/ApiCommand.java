package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that calls a running program. */
abstract class ApiCommand implements Callable<Integer> {

    @Mixin
    final ApiClient api;

    final Terminal terminal;

    ApiCommand(Map<String, String> environment, Terminal terminal) {
        api = new ApiClient(environment);
        this.terminal = terminal;
    }

    /** Prints the program's answer unchanged with {@code --json}, else as text. */
    final void print(JsonNode answer, Runnable text) {
        if (api.isJson()) {
            terminal.json(answer);
        } else {
            text.run();
        }
    }
}
