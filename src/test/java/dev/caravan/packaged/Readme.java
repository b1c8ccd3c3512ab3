package dev.caravan.packaged;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The examples of the README and of docs/: a line {@code $ curl …} in a block {@code console}, with its answer below. */
final class Readme {

    /** @param answer the lines below the command, in which {@code …} matches any text */
    record Example(String command, Pattern answer) {}

    private static final Pattern BLOCK = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);

    private Readme() {}

    static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        for (Path page : pages()) {
            var blocks = BLOCK.matcher(Files.readString(page));
            while (blocks.find()) {
                for (String example : blocks.group(1).split("(?m)^\\$ ")) {
                    if (!example.isBlank()) {
                        String[] parts = (example + "\n").split("\n", 2);
                        examples.add(new Example(parts[0], pattern(parts[1].strip())));
                    }
                }
            }
        }
        return examples;
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            return Stream.concat(
                            Stream.of(Path.of("README.md")),
                            docs.filter(each -> each.toString().endsWith(".md")).sorted())
                    .toList();
        }
    }

    private static Pattern pattern(String answer) {
        return Pattern.compile(
                List.of(answer.split("…", -1)).stream().map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    /** Runs the command in a shell and returns its output. */
    static String run(String command) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", command.replaceFirst("^curl ", "curl -sS -m 60 "))
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }
}
