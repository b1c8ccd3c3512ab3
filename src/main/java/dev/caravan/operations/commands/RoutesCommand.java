package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(name = "routes", description = "Lists routes with state and figures, and rejected route files.")
final class RoutesCommand extends ApiCommand {

    RoutesCommand(Map<String, String> environment, Terminal terminal) {
        super(environment, terminal);
    }

    @Override
    public Integer call() {
        JsonNode answer = api.get("/api/v1/routes").json();
        print(answer, () -> {
            terminal.table(
                    answer.path("routes"),
                    "ROUTE=id",
                    "STATE=state",
                    "MESSAGES=exchanges",
                    "FAILED=failures",
                    "P99 MS=p99Millis",
                    "FILE=file");
            answer.path("files").forEach(this::printError);
        });
        return 0;
    }

    private void printError(JsonNode file) {
        JsonNode error = file.path("error");
        if (error.isObject()) {
            String position = error.has("line")
                    ? ":" + error.path("line").asText() + ":"
                            + error.path("column").asText()
                    : "";
            terminal.line(file.path("name").asText() + position + ": "
                    + error.path("reason").asText());
        }
    }
}
