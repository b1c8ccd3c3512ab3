package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Replays one dead letter, or all that match a filter, and waits until the replay has ended. */
@Command(
        name = "replay",
        description = "Sends dead letters back to the consumer that failed: one by its id, or all that match a filter.")
final class ReplayCommand implements Callable<Integer> {

    private static final Set<String> UNFINISHED = Set.of("queued", "running");

    @Spec
    private CommandSpec spec;

    @Mixin
    private final Connection connection;

    @Mixin
    private final Filter filter = new Filter();

    private final Terminal terminal;

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

    ReplayCommand(Connection connection, Terminal terminal) {
        this.connection = connection;
        this.terminal = terminal;
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
        return many ? many() : one();
    }

    private int one() {
        Connection.Reply reply = connection.post("/api/v1/dead-letters/" + id + "/replay");
        if (connection.json()) {
            terminal.json(reply.json());
        } else {
            terminal.line("Dead letter " + id + " is back with its consumer, as message "
                    + reply.messageId().orElse("-") + ".");
        }
        return 0;
    }

    private int many() throws InterruptedException {
        ObjectNode wanted = JsonNodeFactory.instance.objectNode();
        filter.values().forEach(wanted::put);
        if (limit != null) {
            wanted.put("limit", limit);
        }
        if (rate != null) {
            wanted.put("ratePerSecond", rate);
        }
        if (dryRun) {
            wanted.put("dryRun", true);
        }
        JsonNode state =
                connection.postJson("/api/v1/dead-letters/replay", wanted).json();
        while (UNFINISHED.contains(state.path("state").asText())) {
            TimeUnit.SECONDS.sleep(1);
            state = connection
                    .get("/api/v1/dead-letter-replays/"
                            + Connection.encoded(state.path("id").asText()))
                    .json();
        }
        if (connection.json()) {
            terminal.json(state);
        } else if (dryRun) {
            terminal.line(state.path("wouldReplay").asText() + " of "
                    + state.path("matching").asText() + " would be replayed.");
        } else {
            terminal.state(
                    state.path("replayed").asText() + " of "
                            + state.path("matching").asText() + " replayed, "
                            + state.path("skipped").asText() + " skipped",
                    state.path("state").asText());
            state.path("skips")
                    .forEach(each -> terminal.line(each.path("id").asText() + ": "
                            + each.path("reason").asText()));
        }
        return dryRun || state.path("state").asText().equals("done") ? 0 : 1;
    }
}
