package dev.caravan.operations.commands;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "new",
        description = "Writes a commented route file and its JSON Schema as a starting point. Overwrites nothing.")
final class NewCommand implements Callable<Integer> {

    enum Kind {
        REST,
        CALL,
        TIMER,
        FILE
    }

    private static final String ROUTE_FILE = ".camel.yaml";
    private static final String SCHEMA_FILE = ".schema.json";
    private static final String CASE_FILE = ".case.yaml";

    private final Map<String, String> environment;
    private final Path home;
    private final Terminal terminal;

    @Parameters(paramLabel = "CAPABILITY", description = "Its name, of lower-case letters, digits and '-'.")
    private String name;

    @Option(
            names = "--kind",
            required = true,
            paramLabel = "KIND",
            description =
                    "rest: REST to topic to effect; call: topic to HTTP call; timer: timer to topic; file: file to topic.")
    private Kind kind;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description = "Topic of the records (default: CAPABILITY). It may belong to another capability.")
    private String topic;

    @Option(
            names = "--into",
            paramLabel = "DIR",
            description = "Folder for all files, instead of the program's folders.")
    private Path into;

    @Option(
            names = "--cases",
            paramLabel = "DIR",
            description = "Folder for a test case, such as src/test/resources/cases (default: no test case).")
    private Path cases;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    NewCommand(Map<String, String> environment, Path home, Terminal terminal) {
        this.environment = environment;
        this.home = home;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (!name.matches("[a-z][a-z0-9-]{0,49}")) {
            terminal.problem(name + " is not a valid capability name: use lower-case letters, digits and '-'");
            return 2;
        }
        if (topic == null) {
            topic = name;
        } else if (!topic.matches("[a-zA-Z0-9._-]{1,200}")) {
            terminal.problem(topic + " is not a valid topic name: use letters, digits, '.', '_' and '-'");
            return 2;
        }
        Map<Path, String> files = new LinkedHashMap<>();
        if (kind == Kind.REST || topic.equals(name)) {
            // First, because a route that names a missing schema is rejected.
            files.put(folder("SCHEMAS_DIR", "schemas").resolve(name + SCHEMA_FILE), recordSkeleton(SCHEMA_FILE));
        }
        files.put(folder("ROUTES_DIR", "routes").resolve(name + ROUTE_FILE), skeleton(kind(), ROUTE_FILE));
        if (cases != null) {
            files.put(cases.resolve(name + ".yaml"), recordSkeleton(CASE_FILE));
        }
        for (Path file : files.keySet()) {
            if (Files.exists(file)) {
                terminal.problem(file + " exists already; nothing was written");
                return 1;
            }
        }
        for (Map.Entry<Path, String> file : files.entrySet()) {
            Files.createDirectories(file.getKey().toAbsolutePath().getParent());
            Files.writeString(file.getKey(), file.getValue(), StandardOpenOption.CREATE_NEW);
            terminal.line("Wrote " + file.getKey());
        }
        if (into != null) {
            terminal.line("Copy what you need into the program's routes/ and schemas/ folders.");
        }
        terminal.line("A running program applies the file within two seconds; its state: caravan routes");
        terminal.line(next());
        return 0;
    }

    private String next() {
        return switch (kind) {
            case REST ->
                "Try it: curl -H 'Content-Type: application/json' -d '{\"id\":\"1\"}' http://localhost:8080/" + name;
            case CALL ->
                "It calls http://127.0.0.1:9090/" + name + "; name another service in the file, or by a line " + name
                        + ".service=host:port in application.properties";
            case TIMER -> "Try it: caravan tail " + topic + " --follow";
            case FILE -> "Try it: put a file into data/" + name + ", then: caravan tail " + topic;
        };
    }

    private Path folder(String variable, String folder) {
        return into != null
                ? into
                : Path.of(environment
                        .getOrDefault(variable, home.resolve(folder).toString())
                        .replaceFirst("^file:", ""));
    }

    private String kind() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /**
     * A skeleton that depends on how records arrive: with kind {@code rest} by a REST operation of the capability, with
     * all other kinds by {@code POST /api/v1/events}.
     */
    private String recordSkeleton(String file) throws IOException {
        return skeleton(kind == Kind.REST ? kind() : "topic", file);
    }

    private String skeleton(String kind, String file) throws IOException {
        try (InputStream text = NewCommand.class.getResourceAsStream("/skeletons/" + kind + file)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("TOPIC", topic)
                    .replace("NAME", name);
        }
    }
}
