package dev.caravan.operations.commands;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "send", description = "Sends a notification from one user to another.")
final class SendCommand extends ApiCommand {

    @Option(names = "--from", required = true, paramLabel = "USER", description = "The sender's id.")
    private long from;

    @Option(names = "--to", required = true, paramLabel = "USER", description = "The recipient's id.")
    private long to;

    @Parameters(paramLabel = "TEXT", description = "The notification.")
    private String text;

    SendCommand(Map<String, String> environment, Terminal terminal) {
        super(environment, terminal);
    }

    @Override
    public Integer call() {
        ApiClient.Reply reply = api.postForm(
                "/send", Map.of("fromID", Long.toString(from), "toID", Long.toString(to), "message", text));
        print(reply.json(), () -> terminal.line("Message " + reply.messageId().orElse("-") + " is accepted."));
        return 0;
    }
}
