package dev.caravan.support;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The packaged program as a process, started by its launcher. */
public final class CaravanProcess implements AutoCloseable {

    /** The folder that {@code mvn package} creates. */
    public static final Path HOME = Path.of("target/caravan").toAbsolutePath();

    /** The archive of {@link #HOME}. */
    public static final Path ARCHIVE = Path.of("target/caravan-0.1.0.tar.gz").toAbsolutePath();

    /** For short-lived JVMs, in which the second compiler does not pay off. */
    public static final String QUICK_START = "-XX:TieredStopAtLevel=1";

    /** Long enough for a broker on a busy machine. */
    public static final String PUBLISH_TIMEOUT = "15s";

    /** Likewise. */
    public static final String SEARCH_TIMEOUT = "20s";

    /** Kafka's default, with which idle programs and their brokers use a third less CPU time. */
    public static final String FETCH_MAX_WAIT = "500ms";

    private final Process process;
    private final Path output;
    private final int port;
    private final int managementPort;
    private long counted;

    private CaravanProcess(Process process, Path output, int port, int managementPort) {
        this.process = process;
        this.output = output;
        this.port = port;
        this.managementPort = managementPort;
    }

    /** The archive of classes that the launcher makes on request: with it a start takes two thirds of the CPU time. */
    private static final class Shared {

        private static boolean made;

        /** Of the processes that run tests, one makes it, and the others wait for that. */
        static synchronized void make() throws IOException {
            if (made) {
                return;
            }
            made = true;
            Path folder = Files.createTempDirectory("caravan-shared");
            try (FileChannel channel = FileChannel.open(HOME.resolve("lib/.shared"), CREATE, WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && channel.size() == 0) {
                    channel.write(ByteBuffer.wrap(new byte[1]));
                    try (CaravanProcess program = launch(HOME, folder, Map.of("CARAVAN_SHARED", "dump"))) {
                        program.untilReady().process.destroy();
                        program.exitCode(Duration.ofMinutes(2));
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Starts the program on free ports, unless the environment sets them, and returns at once. */
    public static CaravanProcess start(Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        return start(HOME, folder, environment, arguments);
    }

    /** @param home {@link #HOME} or a copy of it */
    public static CaravanProcess start(Path home, Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        Shared.make();
        return launch(home, folder, environment, arguments);
    }

    private static CaravanProcess launch(Path home, Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        Path output = Files.createTempFile(folder, "output", ".log");
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin/caravan").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Map<String, String> settings = new HashMap<>(Map.of(
                "HTTP_PORT",
                Integer.toString(CaravanExtension.freePort()),
                "MANAGEMENT_PORT",
                Integer.toString(CaravanExtension.freePort()),
                "KAFKA_EMBEDDED_PORT",
                "0",
                "DATA_DIR",
                folder.resolve("data").toString(),
                "JAVA_OPTS",
                QUICK_START,
                "LOG_FORMAT",
                "text",
                "PUBLISH_TIMEOUT",
                PUBLISH_TIMEOUT,
                "SEARCH_TIMEOUT",
                SEARCH_TIMEOUT,
                "KAFKA_CONSUMER_FETCH_MAX_WAIT",
                FETCH_MAX_WAIT));
        settings.putAll(environment);
        builder.environment().putAll(settings);
        return new CaravanProcess(
                builder.start(),
                output,
                Integer.parseInt(settings.get("HTTP_PORT")),
                Integer.parseInt(settings.get("MANAGEMENT_PORT")));
    }

    /** Unpacks {@link #ARCHIVE}. */
    public static Path unpack(Path folder) throws IOException, InterruptedException {
        Process tar = new ProcessBuilder("tar", "-xzf", ARCHIVE.toString(), "-C", folder.toString())
                .inheritIO()
                .start();
        if (tar.waitFor() != 0) {
            throw new IOException(ARCHIVE + " cannot be unpacked");
        }
        return folder.resolve("caravan-0.1.0");
    }

    /** Copies {@link #HOME}, with links to the jars (90 MB). */
    public static Path copy(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(HOME)) {
            for (Path file : (Iterable<Path>) files.filter(each -> !each.startsWith(HOME.resolve("data")))
                    .filter(each -> !each.toString().endsWith(".jsa"))::iterator) {
                Path target = home.resolve(HOME.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (file.toString().endsWith(".jar")) {
                    Files.createSymbolicLink(target, file);
                } else {
                    Files.copy(file, target, COPY_ATTRIBUTES);
                }
            }
        }
        return home;
    }

    public CaravanProcess untilReady() {
        return untilOutput("Caravan is ready");
    }

    public CaravanProcess untilOutput(String text) {
        await().atMost(Duration.ofMinutes(3)).until(() -> output().contains(text) || !process.isAlive());
        if (!output().contains(text)) {
            throw new AssertionError("The process ended without the output \"" + text + "\":\n" + output());
        }
        return this;
    }

    public Http http() {
        return new Http("http://127.0.0.1:" + port);
    }

    public Http management() {
        return new Http("http://127.0.0.1:" + managementPort);
    }

    public int port() {
        return port;
    }

    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number of complete lines with this text since the last call. */
    public long newLines(String text) {
        try (RandomAccessFile file = new RandomAccessFile(output.toFile(), "r")) {
            file.seek(counted);
            byte[] bytes = new byte[(int) (file.length() - counted)];
            file.readFully(bytes);
            String written = new String(bytes, StandardCharsets.ISO_8859_1);
            int whole = written.lastIndexOf('\n') + 1;
            counted += whole;
            return written.substring(0, whole)
                    .lines()
                    .filter(line -> line.contains(text))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGTERM. Returns the exit code, or fails if the process does not end in time. */
    public int terminate() throws InterruptedException {
        process.destroy();
        return exitCode(Duration.ofSeconds(20));
    }

    /** Waits for a program that ends by itself. */
    public int exitCode() throws InterruptedException {
        return exitCode(Duration.ofSeconds(60));
    }

    public int exitCode(Duration atMost) throws InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("The process is still running:\n" + output());
        }
        return process.exitValue();
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** SIGSTOP, and SIGCONT after this time. */
    public void pause(Duration time) throws IOException, InterruptedException {
        signal("STOP", pid());
        process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        signal("CONT", pid());
    }

    public static void signal(String name, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
