package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Replays one dead letter, or all that match a filter, and waits for the end of the replay. */
@Command(
        name = "replay",
        description = "Sends dead letters back to the consumer that failed: one by its id, or all that match a filter.")
final class ReplayCommand extends ApiCommand {

    private static final Set<String> UNFINISHED = Set.of("queued", "running");

    @Spec
    private CommandSpec spec;

    @Mixin
    private final FilterOptions filter = new FilterOptions();

    @Parameters(paramLabel = "ID", arity = "0..1", description = "The dead letter. Without it, a filter or --all.")
    private Long id;

    @Option(names = "--all", description = "All open dead letters.")
    private boolean all;

    @Option(names = "--dry-run", description = "Only count them.")
    private boolean dryRun;

    @Option(names = "--limit", paramLabel = "N", description = "Maximum number (default: 1000).")
    private Integer limit;

    @Option(names = "--rate", paramLabel = "N", description = "Dead letters per second (default: 100).")
    private Integer rate;

    ReplayCommand(Map<String, String> environment, Terminal terminal) {
        super(environment, terminal);
    }

    @Override
    public Integer call() throws InterruptedException {
        boolean many = all || !filter.values().isEmpty();
        if ((id != null) == many || all && !filter.values().isEmpty()) {
            throw new ParameterException(spec.commandLine(), "replay needs one of: an ID, a filter, --all");
        }
        if (!many && (dryRun || limit != null || rate != null)) {
            throw new ParameterException(spec.commandLine(), "--dry-run, --limit and --rate are for a filter or --all");
        }
        return many ? replayMany() : replayOne();
    }

    private int replayOne() {
        ApiClient.Reply reply = api.post("/api/v1/dead-letters/" + id + "/replay");
        print(
                reply.json(),
                () -> terminal.line("Dead letter " + id + " is back with its consumer, as message "
                        + reply.messageId().orElse("-") + "."));
        return 0;
    }

    private int replayMany() throws InterruptedException {
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        filter.values().forEach(request::put);
        if (limit != null) {
            request.put("limit", limit);
        }
        if (rate != null) {
            request.put("ratePerSecond", rate);
        }
        if (dryRun) {
            request.put("dryRun", true);
        }
        JsonNode state = api.postJson("/api/v1/dead-letters/replay", request).json();
        while (UNFINISHED.contains(state.path("state").asText())) {
            TimeUnit.SECONDS.sleep(1);
            state = api.get("/api/v1/dead-letter-replays/"
                            + ApiClient.encoded(state.path("id").asText()))
                    .json();
        }
        JsonNode result = state;
        print(result, () -> printText(result));
        return dryRun || result.path("state").asText().equals("done") ? 0 : 1;
    }

    private void printText(JsonNode result) {
        String matching = result.path("matching").asText();
        if (dryRun) {
            terminal.line(result.path("wouldReplay").asText() + " of " + matching + " would be replayed.");
            return;
        }
        terminal.state(
                result.path("replayed").asText() + " of " + matching + " replayed, "
                        + result.path("skipped").asText() + " skipped",
                result.path("state").asText());
        result.path("skips")
                .forEach(each -> terminal.line(
                        each.path("id").asText() + ": " + each.path("reason").asText()));
    }
}
