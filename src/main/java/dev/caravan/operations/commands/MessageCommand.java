package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints the history of a message, oldest first. */
@Command(name = "message", description = "Prints the history of a message, oldest first.")
final class MessageCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", description = "A MessageID, or the id of an order.")
    private String id;

    MessageCommand(Map<String, String> environment, Terminal terminal) {
        super(environment, terminal);
    }

    @Override
    public Integer call() {
        JsonNode message = find();
        print(message, () -> {
            terminal.state(
                    message.path("messageId").asText(), message.path("state").asText());
            terminal.table(List.of("TIME", "WHAT", "CONSUMER", "MORE"), history(message));
            message.path("unknown").forEach(each -> terminal.line("Not known: " + each.asText()));
        });
        return 0;
    }

    private static List<List<String>> history(JsonNode message) {
        List<List<String>> rows = new ArrayList<>();
        JsonNode accepted = message.path("accepted");
        rows.add(List.of(
                time(accepted, "at"),
                "accepted",
                "-",
                accepted.path("topic").asText() + ", partition "
                        + accepted.path("partition").asText("-") + ", offset "
                        + accepted.path("offset").asText("-")));
        message.path("attempts")
                .forEach(each -> rows.add(List.of(
                        time(each, "at"),
                        "attempt failed",
                        each.path("consumer").asText(),
                        each.path("reason").asText() + " -> "
                                + each.path("next").asText())));
        message.path("consumers")
                .forEach(each -> rows.add(List.of(
                        time(each, "at"), "processed", each.path("consumer").asText(), "")));
        message.path("deadLetters")
                .forEach(each -> rows.add(List.of(
                        time(each, "at"),
                        "dead letter " + each.path("id").asText(),
                        each.path("topic").asText(),
                        each.path("state").asText() + ": " + each.path("reason").asText())));
        if (message.path("retry").isObject()) {
            rows.add(List.of(
                    time(message.path("retry"), "dueAt"),
                    "next attempt",
                    "-",
                    message.at("/retry/topic").asText()));
        }
        rows.sort(Comparator.comparing(row -> row.get(0)));
        return rows;
    }

    /** Tries the id as a MessageID first, then as the id of an order. */
    private JsonNode find() {
        try {
            return api.get(path(id)).json();
        } catch (CallFailedException e) {
            if (!e.isNotFound()) {
                throw e;
            }
            return api.get(path(messageIdOfOrder())).json();
        }
    }

    private String messageIdOfOrder() {
        ApiClient.Reply order;
        try {
            order = api.get("/order/" + ApiClient.encoded(id));
        } catch (CallFailedException e) {
            throw e.isNotFound() ? new CallFailedException(404, "No message and no order " + id + " is known.") : e;
        }
        return order.messageId()
                .orElseThrow(() ->
                        new CallFailedException(404, "The message of order " + id + " belongs to another caller."));
    }

    private static String path(String messageId) {
        return "/api/v1/messages/" + ApiClient.encoded(messageId);
    }

    private static String time(JsonNode node, String name) {
        return node.path(name).asText("-");
    }
}
