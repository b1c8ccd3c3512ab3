package dev.caravan.operations.commands;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends a notification from one user to another. */
@Command(name = "send", description = "Sends a notification from one user to another.")
final class SendCommand implements Callable<Integer> {

    @Mixin
    private final Connection connection;

    private final Terminal terminal;

    @Option(names = "--from", required = true, paramLabel = "USER", description = "The sender's id.")
    private long from;

    @Option(names = "--to", required = true, paramLabel = "USER", description = "The recipient's id.")
    private long to;

    @Parameters(paramLabel = "TEXT", description = "The notification.")
    private String text;

    SendCommand(Connection connection, Terminal terminal) {
        this.connection = connection;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Connection.Reply reply = connection.postForm(
                "/send", Map.of("fromID", Long.toString(from), "toID", Long.toString(to), "message", text));
        if (connection.json()) {
            terminal.json(reply.json());
        } else {
            terminal.line("Message " + reply.messageId().orElse("-") + " is accepted.");
        }
        return 0;
    }
}
