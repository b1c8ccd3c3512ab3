package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rewind",
        description = "Makes consumers read their last minutes again, after a failover that lost the database's last"
                + " transactions. Lost messages take effect again; all others are skipped by their MessageIDs.")
final class RewindCommand extends ApiCommand {

    @Option(
            names = "--minutes",
            paramLabel = "N",
            required = true,
            description = "How far back from the last committed record of each partition.")
    private int minutes;

    @Option(names = "--consumer", paramLabel = "NAME", description = "Only this consumer (default: all).")
    private String consumer;

    @Option(names = "--dry-run", description = "Only print what would be read again.")
    private boolean dryRun;

    RewindCommand(Map<String, String> environment, Terminal terminal) {
        super(environment, terminal);
    }

    @Override
    public Integer call() {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("minutes", minutes);
        if (consumer != null) {
            request.put("consumer", consumer);
        }
        if (dryRun) {
            request.put("dryRun", true);
        }
        JsonNode answer = api.postJson("/api/v1/rewinds", request).json();
        print(answer, () -> {
            JsonNode partitions = answer.path("partitions");
            if (!partitions.isEmpty()) {
                terminal.table(
                        partitions, "CONSUMER=consumer", "TOPIC=topic", "PARTITION=partition", "FROM=from", "TO=to");
            }
            terminal.line("At most " + answer.path("records").asText() + " records "
                    + (dryRun ? "would be read again." : "are read again."));
        });
        return 0;
    }
}
