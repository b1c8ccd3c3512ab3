package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
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
        List<List<String>> rows = new ArrayList<>();
        answer.path("routes")
                .forEach(each -> rows.add(List.of(
                        each.path("id").asText(),
                        each.path("state").asText(),
                        each.path("exchanges").asText(),
                        each.path("failures").asText(),
                        each.path("p99Millis").asText("-"),
                        each.path("file").asText("-"))));
        terminal.table(List.of("ROUTE", "STATE", "MESSAGES", "FAILED", "P99 MS", "FILE"), rows);
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
