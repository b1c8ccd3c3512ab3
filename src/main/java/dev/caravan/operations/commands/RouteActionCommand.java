package dev.caravan.operations.commands;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Stops or starts a route; messages in flight are finished first. */
@Command
final class RouteActionCommand implements Callable<Integer> {

    @Mixin
    private final Connection connection;

    private final Terminal terminal;
    private final String action;
    private final String done;

    @Parameters(paramLabel = "ROUTE", description = "The id of the route.")
    private String route;

    RouteActionCommand(Connection connection, Terminal terminal, String action, String done) {
        this.connection = connection;
        this.terminal = terminal;
        this.action = action;
        this.done = done;
    }

    @Override
    public Integer call() {
        connection.post("/api/v1/routes/" + Connection.encoded(route) + "/" + action);
        if (!connection.json()) {
            terminal.line("Route " + route + " is " + done + ".");
        }
        return 0;
    }
}
