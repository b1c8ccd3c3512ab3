package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints a page of dead letters, or the kinds of failure. */
@Command(name = "dead-letters", description = "Lists dead letters, newest first, or the kinds of failure.")
final class DeadLettersCommand implements Callable<Integer> {

    @Mixin
    private final Connection connection;

    @Mixin
    private final Filter filter = new Filter();

    private final Terminal terminal;

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

    DeadLettersCommand(Connection connection, Terminal terminal) {
        this.connection = connection;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (groups) {
            return groups();
        }
        Map<String, String> values = filter.values();
        values.put("state", state);
        values.put("limit", limit == null ? null : limit.toString());
        values.put("after", after);
        JsonNode page = connection
                .get("/api/v1/dead-letters" + Connection.query(values))
                .json();
        if (connection.json()) {
            terminal.json(page);
            return 0;
        }
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
        return 0;
    }

    private int groups() {
        JsonNode all = connection.get("/api/v1/dead-letter-groups").json();
        if (connection.json()) {
            terminal.json(all);
            return 0;
        }
        terminal.table(
                all.path("items"),
                "COUNT=count",
                "LAST HOUR=lastHour",
                "CONSUMER=consumer",
                "FINGERPRINT=fingerprint",
                "LAST FAILURE=last",
                "REASON=reason");
        return 0;
    }
}
