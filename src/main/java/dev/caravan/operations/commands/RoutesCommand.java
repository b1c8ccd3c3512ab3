package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the routes, and the route files whose last edit was rejected. */
@Command(name = "routes", description = "Lists routes with state and figures, and rejected route files.")
final class RoutesCommand implements Callable<Integer> {

    @Mixin
    private final Connection connection;

    private final Terminal terminal;

    RoutesCommand(Connection connection, Terminal terminal) {
        this.connection = connection;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        JsonNode answer = connection.get("/api/v1/routes").json();
        if (connection.json()) {
            terminal.json(answer);
            return 0;
        }
        terminal.table(
                answer.path("routes"),
                "ROUTE=id",
                "STATE=state",
                "MESSAGES=exchanges",
                "FAILED=failures",
                "P99 MS=p99Millis",
                "FILE=file");
        answer.path("files").forEach(each -> {
            if (each.path("error").isObject()) {
                JsonNode error = each.path("error");
                terminal.line(each.path("name").asText()
                        + (error.has("line")
                                ? ":" + error.path("line").asText() + ":"
                                        + error.path("column").asText()
                                : "")
                        + ": " + error.path("reason").asText());
            }
        });
        return 0;
    }
}
