package dev.caravan.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Follows a section of a page word for word: runs its shell commands in order, saves the files that it names, and
 * compares the output of a command with the block below it, in which {@code …} matches any text.
 */
final class Guide implements AutoCloseable {

    /** @param above the paragraph before it */
    private record Block(String above, String language, String text) {}

    private static final Pattern BLOCK = Pattern.compile("([^`\n][^\n]*\n)?\n?```(\\w+)\n(.*?)```", Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("saved as `([^`]+)`");

    private final List<Block> blocks = new ArrayList<>();
    private final Path folder;
    private final Map<String, String> environment;
    private final Map<String, String> replaced = new LinkedHashMap<>();
    private final Map<String, Callable<Boolean>> ready = new LinkedHashMap<>();
    private final List<Process> running = new ArrayList<>();

    /**
     * @param folder in which the commands run
     * @param environment of the commands
     */
    Guide(Path page, String section, Path folder, Map<String, String> environment) throws IOException {
        this.folder = folder;
        this.environment = environment;
        String text = Stream.of(Files.readString(page).split("(?m)^#{2,3} "))
                .filter(each -> each.startsWith(section + "\n"))
                .findFirst()
                .orElseThrow();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            blocks.add(new Block(Optional.ofNullable(block.group(1)).orElse(""), block.group(2), block.group(3)));
        }
    }

    /** Replaces a text of the page in commands and files, for instance a port. */
    Guide with(String written, String used) {
        replaced.put(written, used);
        return this;
    }

    /** Makes the next command wait until this one, which keeps running, is ready. */
    Guide until(String command, Callable<Boolean> isReady) {
        ready.put(command, isReady);
        return this;
    }

    /** Runs the blocks before the first one that contains the text. The next call continues there. */
    void followTo(String text) throws Exception {
        while (!blocks.isEmpty() && !blocks.get(0).text().contains(text)) {
            Block block = blocks.remove(0);
            Matcher file = FILE.matcher(block.above());
            if (file.find()) {
                Files.writeString(folder.resolve(file.group(1)), replaced(block.text()));
            } else if (block.language().equals("sh") && block.above().contains("keep it running")) {
                keepRunning(replaced(block.text()));
            } else if (block.language().equals("sh")) {
                String expected = blocks.isEmpty() || !blocks.get(0).language().equals("text")
                        ? "…"
                        : blocks.remove(0).text();
                run(replaced(block.text()), pattern(expected));
            }
        }
    }

    void follow() throws Exception {
        followTo("\0");
    }

    /** Repeats a command that only reads until it prints what is expected, because some effects take a moment. */
    private void run(String command, Pattern expected) throws Exception {
        boolean reads = command.matches("(?s)\\S*caravan (dead-letters|routes|message|tail).*");
        if (reads) {
            await().untilAsserted(() -> assertThat(output(command)).as(command).matches(expected));
        } else {
            assertThat(output(command)).as(command).matches(expected);
        }
    }

    /** The output of a command, which must succeed. */
    String output(String command) throws Exception {
        Path output = Files.createTempFile(folder, "command", ".log");
        Process process = start(command, output);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).as(command).isTrue();
        String text = Files.readString(output);
        assertThat(process.exitValue()).as(command + text).isZero();
        return text.strip();
    }

    private void keepRunning(String command) throws Exception {
        running.add(start(command, Files.createFile(folder.resolve("running-" + running.size() + ".log"))));
        for (Map.Entry<String, Callable<Boolean>> each : ready.entrySet()) {
            if (command.contains(each.getKey())) {
                // A first start on a loaded machine takes more than a minute.
                await().atMost(Duration.ofMinutes(3)).until(each.getValue());
            }
        }
    }

    /** @param index of a command that keeps running; 0 for the first one */
    String printed(int index) {
        try {
            return Files.readString(folder.resolve("running-" + index + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process start(String command, Path output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-ec", command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String replaced(String text) {
        String result = text;
        for (Map.Entry<String, String> each : replaced.entrySet()) {
            result = result.replace(each.getKey(), each.getValue());
        }
        return result;
    }

    private static Pattern pattern(String expected) {
        return Pattern.compile(
                Stream.of(expected.strip().split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                Pattern.DOTALL);
    }

    @Override
    public void close() throws InterruptedException {
        for (Process process : running) {
            List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                    .toList();
            all.forEach(ProcessHandle::destroyForcibly);
            process.waitFor();
        }
    }
}
