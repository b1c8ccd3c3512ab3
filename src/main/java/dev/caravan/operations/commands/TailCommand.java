package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the records of a topic, and new ones as they arrive. */
@Command(name = "tail", description = "Prints the newest records of a topic, one a line.")
final class TailCommand implements Callable<Integer> {

    private static final class Start {

        @Option(
                names = {"-n", "--last"},
                paramLabel = "N",
                description = "How many of the newest records, up to 1000 (default: 10).")
        private Integer last;

        @Option(names = "--from-beginning", description = "All records.")
        private boolean all;
    }

    @Mixin
    private final Connection connection;

    private final Terminal terminal;

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

    TailCommand(Connection connection, Terminal terminal) {
        this.connection = connection;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        String last = start.all ? "all" : start.last == null ? "10" : start.last.toString();
        String path =
                "/api/v1/topics/" + Connection.encoded(topic) + "/records" + Connection.query(Map.of("last", last));
        while (!done) {
            // The program ends a stream now and then; the next one continues after the last record.
            connection.stream(path, lastId, this::take);
        }
        return 0;
    }

    /** @return whether to read on */
    private boolean take(Connection.Event event) {
        lastId = event.id() == null ? lastId : event.id();
        if (event.name().equals("record")) {
            print(event.data());
        }
        // Nobody reads the output any more, as in "tail | head".
        done = terminal.out().checkError() || event.name().equals("end") && !follow;
        return !done;
    }

    private void print(JsonNode event) {
        if (connection.json()) {
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
