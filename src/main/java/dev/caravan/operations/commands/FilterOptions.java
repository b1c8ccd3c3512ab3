package dev.caravan.operations.commands;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options that select dead letters. All given options must match. */
final class FilterOptions {

    @Option(names = "--consumer", paramLabel = "NAME", description = "The consumer that failed.")
    private String consumer;

    @Option(names = "--topic", paramLabel = "TOPIC", description = "The topic that the consumer reads.")
    private String topic;

    @Option(names = "--key", paramLabel = "KEY", description = "The record's key.")
    private String key;

    @Option(names = "--reason", paramLabel = "TEXT", description = "A part of the reason.")
    private String reason;

    @Option(names = "--exception", paramLabel = "TEXT", description = "A part of the exception's class name.")
    private String exception;

    @Option(names = "--text", paramLabel = "TEXT", description = "A part of the payload.")
    private String text;

    @Option(names = "--fingerprint", paramLabel = "ID", description = "The kind of failure, as --groups lists it.")
    private String fingerprint;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Failed at this time or later, such as 2026-01-02T03:04:05Z.")
    private String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Failed before this time.")
    private String until;

    /** The given values, by the names of the API. */
    Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("consumer", consumer);
        values.put("topic", topic);
        values.put("key", key);
        values.put("reason", reason);
        values.put("exception", exception);
        values.put("text", text);
        values.put("fingerprint", fingerprint);
        values.put("since", since);
        values.put("until", until);
        values.values().removeIf(value -> value == null);
        return values;
    }
}
