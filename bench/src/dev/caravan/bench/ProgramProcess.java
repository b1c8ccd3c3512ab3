package dev.caravan.bench;

import dev.caravan.platform.settings.Setting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that the benchmark started. It ends with {@link #close}, at the latest with the benchmark. */
final class ProgramProcess implements AutoCloseable {

    private final Process process;
    private final Path log;
    private final int port;
    private final Thread atExit;

    private ProgramProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
        atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static ProgramProcess start(Path log, int port, Map<String, String> environment, List<String> command)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // Settings in the caller's environment must not change what is measured.
        Setting.ALL.forEach(setting -> builder.environment().remove(setting.variable()));
        builder.environment().putAll(environment);
        return new ProgramProcess(builder.start(), log, port);
    }

    ProgramProcess untilItListens() throws Exception {
        return until(() -> {
            try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** Fails if it does not end within two minutes. */
    void untilItEnds() throws Exception {
        Polling.until(Duration.ofMinutes(2), "an end, see " + log, () -> !process.isAlive());
    }

    ProgramProcess untilItSays(String text) throws Exception {
        return until(() -> Files.readString(log).contains(text));
    }

    /** Fails after two minutes, or when the process has ended. */
    ProgramProcess until(Callable<Boolean> condition) throws Exception {
        Polling.until(Duration.ofMinutes(2), "a start, see " + log, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("A process has ended, see " + log);
            }
            return condition.call();
        });
        return this;
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    long pid() {
        return process.pid();
    }

    /** User and system time of all threads from {@code /proc/<pid>/stat}, in steps of 10 ms. */
    double cpuMillis() {
        return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e6;
    }

    double residentMiB() throws IOException {
        return status("VmRSS:") / 1024.0;
    }

    long threads() throws IOException {
        return status("Threads:");
    }

    long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
            return open.count();
        }
    }

    private long status(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    }

    /** SIGKILL, because the data is not needed any more. */
    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The benchmark itself is ending.
        }
    }
}
