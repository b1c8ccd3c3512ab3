package dev.caravan.chaos;

import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The embedded broker as a separate process, which can be killed without the program. */
final class BrokerProcess {

    private final Path folder;
    private final int port;
    private final int advertised;
    private Process process;

    /** @param advertised the port that the broker tells clients to use */
    BrokerProcess(Path folder, int port, int advertised) {
        this.folder = folder;
        this.port = port;
        this.advertised = advertised;
    }

    /** Returns when it accepts connections. */
    void start() throws IOException {
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerProcess.class.getName(),
                        folder.toString(),
                        Integer.toString(port),
                        Integer.toString(advertised)))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(folder + ".log")))
                .start();
        await().atMost(Duration.ofMinutes(3)).until(() -> acceptsConnections() || !process.isAlive());
        if (!process.isAlive()) {
            throw new IOException("The broker did not start, see " + folder + ".log");
        }
    }

    private boolean acceptsConnections() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public static void main(String[] args) throws InterruptedException {
        EmbeddedBroker.start(
                Path.of(args[0]),
                Integer.parseInt(args[1]),
                Map.of(
                        "advertised.listeners",
                        "CLIENTS://127.0.0.1:" + args[2],
                        // Lets crash tests use session timeouts below ten seconds.
                        "group.min.session.timeout.ms",
                        "500"));
        new CountDownLatch(1).await();
    }
}
