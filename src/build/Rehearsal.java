import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts the packaged program, asks of it what its users ask most, and stops it. What it has loaded by then, and from Java 25 on what the
 * JVM has learned of it, is kept beside the program for its next starts. Ends with 1 where an answer is not the one expected.
 *
 * <p>{@code java Rehearsal.java LAUNCHER FOLDER}: the folder takes its data and its log.
 */
public final class Rehearsal {

    private static final int ROUNDS = 100;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;
    private final Process program;
    private final long end = System.nanoTime() + PATIENCE.toNanos();

    private Rehearsal(String address, Process program) {
        this.address = address;
        this.program = program;
    }

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[1]));
        Path log = folder.resolve("log");
        Path data = folder.resolve("data");
        delete(data);
        int port = freePort();
        ProcessBuilder builder =
                new ProcessBuilder(args[0]).redirectErrorStream(true).redirectOutput(log.toFile());
        // Settings of the shell that builds are not for it: it must not publish to brokers that somebody uses.
        builder.environment().keySet().retainAll(Set.of("JAVA_HOME", "PATH"));
        builder.environment()
                .putAll(Map.of(
                        "CARAVAN_SHARED", "dump",
                        "DATA_DIR", data.toString(),
                        "HTTP_PORT", Integer.toString(port),
                        "KAFKA_EMBEDDED_PORT", "0",
                        "LOG_FORMAT", "text",
                        "MANAGEMENT_PORT", "0",
                        // A machine that builds is busy; none of its pauses is an error here.
                        "PUBLISH_TIMEOUT", "15s"));
        Process program = builder.start();
        try {
            new Rehearsal("http://127.0.0.1:" + port, program).run();
        } catch (IllegalStateException e) {
            System.err.println("The packaged program " + e.getMessage() + "; its log is " + log);
            program.destroyForcibly().waitFor();
            System.exit(1);
        }
    }

    private void run() throws InterruptedException {
        untilAnswered(202, "/order", "application/json", order("rehearsal"));
        for (int i = 0; i < ROUNDS; i++) {
            require(202, "/order", "application/json", order("rehearsal-" + i));
            require(400, "/order", "application/json", "{}");
            require(200, "/send", "application/x-www-form-urlencoded", "fromID=2&toID=1&message=Rehearsal " + i);
            require(200, "/api/v1/comments", "application/json", "{\"text\":\"Rehearsal " + i + "\"}");
            require(202, "/api/v1/events", "application/json", "{\"key\":\"" + i + "\",\"value\":{}}");
            require(200, "/notifications/1?limit=50", null, null);
            require(200, "/api/v1/comments", null, null);
        }
        untilAnswered(200, "/order/rehearsal-" + (ROUNDS - 1), null, null);
        program.destroy();
        if (!program.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("does not stop");
        }
    }

    private static String order(String id) {
        return "{\"id\":\"" + id + "\",\"user_id\":\"rehearsal\",\"total\":1.5,\"status\":\"pending\","
                + "\"timestamp\":\"2025-10-06T17:00:00Z\"}";
    }

    /** Asks ten times a second until the answer has this status. */
    private void untilAnswered(int status, String path, String type, String body) throws InterruptedException {
        int last = 0;
        while (last != status) {
            if (!program.isAlive()) {
                throw new IllegalStateException("has ended");
            }
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("answers " + path + " with " + last);
            }
            try {
                last = ask(path, type, body);
            } catch (IOException e) {
                last = 0;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private void require(int status, String path, String type, String body) throws InterruptedException {
        try {
            int answer = ask(path, type, body);
            if (answer != status) {
                throw new IllegalStateException("answers " + path + " with " + answer + " instead of " + status);
            }
        } catch (IOException e) {
            throw new IllegalStateException("does not answer " + path + ": " + e, e);
        }
    }

    /** @param body what to post, or null to get */
    private int ask(String path, String type, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path));
        if (body != null) {
            request.header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** What an earlier build left would answer for this one. */
    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
