package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "dead-letters", description = "Lists dead letters, newest first, or the kinds of failure.")
final class DeadLettersCommand extends ApiCommand {

    @Mixin
    private final FilterOptions filter = new FilterOptions();

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "open (default), replaying, replayed, discarded or all.")
    private String state;

    @Option(names = "--limit", paramLabel = "N", description = "Maximum number, up to 200 (default: 50).")
    private Integer limit;

    @Option(
            names = "--after",
            paramLabel = "N",
            description = "The next page; the previous page prints this value at its end.")
    private String after;

    @Option(
            names = "--groups",
            description = "Kinds of failure of the open dead letters, with counts. Ignores the other options.")
    private boolean groups;

    DeadLettersCommand(Map<String, String> environment, Terminal terminal) {
        super(environment, terminal);
    }

    @Override
    public Integer call() {
        if (groups) {
            printGroups();
        } else {
            printPage();
        }
        return 0;
    }

    private void printPage() {
        Map<String, String> values = filter.values();
        values.put("state", state);
        values.put("limit", limit == null ? null : limit.toString());
        values.put("after", after);
        JsonNode page =
                api.get("/api/v1/dead-letters" + ApiClient.query(values)).json();
        print(page, () -> {
            terminal.table(
                    page.path("items"),
                    "ID=id",
                    "CONSUMER=consumer",
                    "KEY=key",
                    "STATE=state",
                    "LAST FAILURE=lastFailedAt",
                    "MESSAGE=messageId",
                    "REASON=reason");
            if (page.path("next").isNumber()) {
                terminal.line("More: --after " + page.path("next").asText());
            }
        });
    }

    private void printGroups() {
        JsonNode all = api.get("/api/v1/dead-letter-groups").json();
        print(
                all,
                () -> terminal.table(
                        all.path("items"),
                        "COUNT=count",
                        "LAST HOUR=lastHour",
                        "CONSUMER=consumer",
                        "FINGERPRINT=fingerprint",
                        "LAST FAILURE=last",
                        "REASON=reason"));
    }
}
