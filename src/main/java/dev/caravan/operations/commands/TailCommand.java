package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "tail", description = "Prints the newest records of a topic, one a line.")
final class TailCommand extends ApiCommand {

    private static final class Start {

        @Option(
                names = {"-n", "--last"},
                paramLabel = "N",
                description = "How many of the newest records, up to 1000 (default: 10).")
        private Integer last;

        @Option(names = "--from-beginning", description = "All records.")
        private boolean all;
    }

    @Parameters(paramLabel = "TOPIC", description = "A topic that the program reads or writes.")
    private String topic;

    @ArgGroup
    private Start start = new Start();

    @Option(
            names = {"-f", "--follow"},
            description = "Then print new records as they arrive, until Ctrl-C.")
    private boolean follow;

    private String lastId;
    private boolean done;

    TailCommand(Map<String, String> environment, Terminal terminal) {
        super(environment, terminal);
    }

    @Override
    public Integer call() {
        String last = start.all ? "all" : start.last == null ? "10" : start.last.toString();
        String path = "/api/v1/topics/" + ApiClient.encoded(topic) + "/records" + ApiClient.query(Map.of("last", last));
        while (!done) {
            // The program rotates streams. The next one continues after the last record.
            api.stream(path, lastId, this::accept);
        }
        return 0;
    }

    /** @return whether to continue */
    private boolean accept(ApiClient.Event event) {
        lastId = event.id() == null ? lastId : event.id();
        if (event.name().equals("record")) {
            print(event.data());
        }
        // An error means that the reader of the output has stopped, as in "tail | head".
        done = terminal.out().checkError() || event.name().equals("end") && !follow;
        return !done;
    }

    private void print(JsonNode event) {
        if (api.isJson()) {
            terminal.out().println(event);
            return;
        }
        String value = event.has("base64")
                ? "base64 " + event.path("base64").asText()
                : event.path("value").asText("null");
        terminal.line(event.path("at").asText() + "  "
                + event.path("partition").asText() + "/" + event.path("offset").asText() + "  "
                + event.path("key").asText("-") + "  " + value);
    }
}
