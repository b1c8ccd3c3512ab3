package dev.caravan.operations.commands;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands {@code stop} and {@code start}. */
@Command
final class RouteActionCommand extends ApiCommand {

    private final String action;
    private final String state;

    @Parameters(paramLabel = "ROUTE", description = "The id of the route.")
    private String route;

    /** @param state of the route after the action */
    RouteActionCommand(Map<String, String> environment, Terminal terminal, String action, String state) {
        super(environment, terminal);
        this.action = action;
        this.state = state;
    }

    @Override
    public Integer call() {
        api.post("/api/v1/routes/" + ApiClient.encoded(route) + "/" + action);
        if (!api.isJson()) {
            terminal.line("Route " + route + " is " + state + ".");
        }
        return 0;
    }
}
