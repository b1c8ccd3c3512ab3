package dev.caravan.packaged;

import static org.awaitility.Awaitility.await;

import dev.caravan.support.Http;
import dev.caravan.support.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged program as a process of its own, started by its launcher as its user would. */
final class Launched implements AutoCloseable {

    static final Path PROGRAM = Path.of("target/caravan/bin/caravan").toAbsolutePath();

    private final Process process;
    private final Path output;
    private final int port;
    private final int managementPort;

    private Launched(Process process, Path output, int port, int managementPort) {
        this.process = process;
        this.output = output;
        this.port = port;
        this.managementPort = managementPort;
    }

    /** Starts it on free ports and returns at once. */
    static Launched start(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        int port = Running.freePort();
        int managementPort = Running.freePort();
        Path output = Files.createTempFile(folder, "output", ".log");
        List<String> command = new java.util.ArrayList<>(List.of(PROGRAM.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Map<String, String> settings = new HashMap<>(Map.of(
                "HTTP_PORT", Integer.toString(port),
                "MANAGEMENT_PORT", Integer.toString(managementPort),
                "KAFKA_EMBEDDED_PORT", "0",
                "DATA_DIR", folder.resolve("data").toString(),
                "LOG_FORMAT", "text"));
        settings.putAll(environment);
        builder.environment().putAll(settings);
        return new Launched(builder.start(), output, port, managementPort);
    }

    Launched untilReady() {
        return untilOutput("Caravan is ready");
    }

    Launched untilOutput(String text) {
        await().atMost(Duration.ofSeconds(60)).until(() -> output().contains(text) || !process.isAlive());
        if (!output().contains(text)) {
            throw new AssertionError("It ended before it said \"" + text + "\":\n" + output());
        }
        return this;
    }

    Http http() {
        return new Http("http://127.0.0.1:" + port);
    }

    Http management() {
        return new Http("http://127.0.0.1:" + managementPort);
    }

    int port() {
        return port;
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGTERM; returns the exit code, or fails when the program does not end in time. */
    int terminate() throws InterruptedException {
        process.destroy();
        return exitCode();
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new AssertionError("It runs on:\n" + output());
        }
        return process.exitValue();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
